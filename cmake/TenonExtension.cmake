# SPDX-License-Identifier: Apache-2.0
# tenon_add_extension(NAME SOURCE file.bpf.c [INCLUDES dir...] [OPTIONS flag...]): builds NAME.bpf.o with stock clang and the options Tenon needs.
# The object's path is in the target property TENON_OBJECT.
find_program(TENON_CLANG NAMES clang-19 clang REQUIRED)

function(tenon_add_extension name)
  cmake_parse_arguments(arg "" "SOURCE" "INCLUDES;OPTIONS;DEPENDS" ${ARGN})
  if(DEFINED TENON_EXT_INCLUDE_DIR)
    set(ext_include ${TENON_EXT_INCLUDE_DIR})
  else()
    set(ext_include ${PROJECT_SOURCE_DIR}/ext/include)
  endif()
  set(includes)
  foreach(dir ${ext_include} ${arg_INCLUDES})
    list(APPEND includes -I${dir})
  endforeach()
  get_filename_component(source ${arg_SOURCE} ABSOLUTE)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.bpf.o)
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${TENON_CLANG} -target bpf -mcpu=v4 -O2 -g -fno-builtin -Wall -mllvm -bpf-stack-size=8192
            ${includes} ${arg_OPTIONS} -MD -MF ${object}.d -c ${source} -o ${object}
    DEPENDS ${source} ${arg_DEPENDS}
    DEPFILE ${object}.d
    COMMENT "Building extension ${name}")
  add_custom_target(${name} ALL DEPENDS ${object})
  set_target_properties(${name} PROPERTIES TENON_OBJECT ${object})
endfunction()

set(TENON_INTERFACE_TEMPLATE ${CMAKE_CURRENT_LIST_DIR}/interface.hpp.in)

# tenon_add_interface(TARGET FILE name.tni NAMESPACE ns): makes <name_interface.hpp> with `ns::HostInterface`, the tenon::HostInterface of that text. A malformed
# line is a compile error of TARGET.
function(tenon_add_interface target)
  cmake_parse_arguments(arg "" "FILE;NAMESPACE" "" ${ARGN})
  get_filename_component(path ${arg_FILE} ABSOLUTE)
  get_filename_component(TENON_INTERFACE_FILE ${path} NAME)
  get_filename_component(name ${path} NAME_WE)
  file(READ ${path} TENON_INTERFACE_TEXT)
  set(TENON_INTERFACE_NAMESPACE ${arg_NAMESPACE})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  configure_file(${TENON_INTERFACE_TEMPLATE} ${CMAKE_CURRENT_BINARY_DIR}/interfaces/${name}_interface.hpp @ONLY)
  target_include_directories(${target} PUBLIC ${CMAKE_CURRENT_BINARY_DIR}/interfaces)
endfunction()
