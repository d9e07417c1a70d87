# SPDX-License-Identifier: Apache-2.0
# An installed copy: find_package(tenon) and pkg-config give the library, tenon_add_extension() the way to build extensions.
include(CMakePackageConfigHelpers)

target_compile_features(tenon PUBLIC cxx_std_23)
install(TARGETS tenon EXPORT tenon_targets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/tenon DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ext/include DESTINATION ${CMAKE_INSTALL_DATADIR}/tenon/ext)
install(DIRECTORY interfaces DESTINATION ${CMAKE_INSTALL_DATADIR}/tenon)

set(tenon_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tenon)
install(EXPORT tenon_targets NAMESPACE tenon:: FILE tenonTargets.cmake DESTINATION ${tenon_package_dir})
configure_package_config_file(cmake/tenonConfig.cmake.in tenonConfig.cmake INSTALL_DESTINATION ${tenon_package_dir} PATH_VARS CMAKE_INSTALL_DATADIR)
write_basic_package_version_file(tenonConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/tenonConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/tenonConfigVersion.cmake cmake/TenonExtension.cmake cmake/interface.hpp.in
        DESTINATION ${tenon_package_dir})

file(RELATIVE_PATH tenon_prefix_from_pc ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})  # so that a copy can be moved
configure_file(cmake/tenon.pc.in tenon.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/tenon.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
