# cw_verilate(MODULE [VARIANT name=value ...] [TRACE] [OPTIMIZE flag] [LIBRARY name]): one Verilated
# class, joined to the library `cw_verilated` or the one named. The class of module X is VX; of a
# variant with W=64, VX_w64. TRACE compiles waves in. Every model is built lazily, in parallel, and
# depends on exactly the files it reads. Verilator runs at the root of the project on relative paths:
# what it writes, and what an assertion prints, does not depend on where the project lies.

file(GLOB cw_pinned_verilator
  ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/verilator/share/verilator)
if(DEFINED ENV{VERILATOR_ROOT})
  set(cw_pinned_verilator $ENV{VERILATOR_ROOT})
endif()
set(VERILATOR_ROOT ${cw_pinned_verilator} CACHE PATH "Verilator's share folder")
find_program(VERILATOR_BIN verilator REQUIRED NO_DEFAULT_PATH
  PATHS ${VERILATOR_ROOT}/../../bin ${VERILATOR_ROOT}/bin /usr/bin
  DOC "Verilator, 5.024 or later: ./cw setup installs the pinned one")
message(STATUS "Verilator: ${VERILATOR_BIN}")

# The packages in dependency order, and the folders in which modules are found by name.
file(STRINGS ${PROJECT_SOURCE_DIR}/rtl/rtl.f cw_rtl_files REGEX "^rtl/")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/rtl/rtl.f)
set(cw_rtl_packages ${cw_rtl_files})
list(FILTER cw_rtl_packages INCLUDE REGEX "_pkg\\.sv$")
set(cw_rtl_modules ${cw_rtl_files})
list(FILTER cw_rtl_modules EXCLUDE REGEX "_pkg\\.sv$")
set(cw_rtl_folders)
foreach(file IN LISTS cw_rtl_modules)
  get_filename_component(folder ${file} DIRECTORY)
  list(APPEND cw_rtl_folders ${folder})
endforeach()
list(REMOVE_DUPLICATES cw_rtl_folders)
list(TRANSFORM cw_rtl_folders PREPEND -I OUTPUT_VARIABLE cw_rtl_search)

# Verilator's own runtime; a failing assertion calls our vl_stop(), which throws.
set(cw_runtime ${VERILATOR_ROOT}/include)
add_library(cw_verilator_runtime STATIC
  ${cw_runtime}/verilated.cpp ${cw_runtime}/verilated_threads.cpp ${cw_runtime}/verilated_fst_c.cpp)
target_include_directories(cw_verilator_runtime SYSTEM PUBLIC ${cw_runtime} ${cw_runtime}/vltstd)
target_compile_definitions(cw_verilator_runtime
  PUBLIC VL_USER_STOP VL_USER_FATAL VM_TRACE=1 VM_TRACE_FST=1 VM_TRACE_VCD=0 VM_COVERAGE=0 VM_SC=0)
find_package(ZLIB REQUIRED)
find_package(Threads REQUIRED)
find_library(CW_LZ4 lz4 REQUIRED)
target_link_libraries(cw_verilator_runtime PUBLIC ZLIB::ZLIB ${CW_LZ4} Threads::Threads)

# Verilator's header, which is most of what a small model compiles, once for all that are not
# optimised: with Verilator's own flags, or the compiler would not take it.
set(cw_pch ${PROJECT_BINARY_DIR}/verilated/pch)
set(cw_model_flags "-DVL_USER_STOP -DVL_USER_FATAL -DVM_TRACE_VCD=0")
file(CONFIGURE OUTPUT ${cw_pch}/cw_verilated.h CONTENT "#include \"verilated.h\"\n")
add_custom_command(
  OUTPUT ${cw_pch}/cw_verilated.h.gch
  COMMAND make -s -C ${cw_pch} -f ${CMAKE_CURRENT_LIST_DIR}/verilated_pch.mk
    VERILATOR_ROOT=${VERILATOR_ROOT} USER_CPPFLAGS=${cw_model_flags} cw_verilated.h.gch
  DEPENDS ${cw_pch}/cw_verilated.h ${CMAKE_CURRENT_LIST_DIR}/verilated_pch.mk
  COMMENT "Precompiling verilated.h"
  VERBATIM)
add_custom_target(cw_verilated_pch DEPENDS ${cw_pch}/cw_verilated.h.gch)

add_library(cw_verilated INTERFACE)         # modules alone
add_library(cw_verilated_system INTERFACE)  # the system of every width

function(cw_verilate module)
  cmake_parse_arguments(arg "TRACE" "OPTIMIZE;LIBRARY" "VARIANT" ${ARGN})
  set(prefix V${module})
  set(parameters)
  foreach(pair IN LISTS arg_VARIANT)
    string(REPLACE "=" "" suffix ${pair})
    string(TOLOWER ${suffix} suffix)
    string(APPEND prefix _${suffix})
    list(APPEND parameters -G${pair})
  endforeach()
  set(trace)
  if(arg_TRACE)
    set(trace --trace-fst --trace-structs)
  endif()
  if(NOT arg_OPTIMIZE)
    set(arg_OPTIMIZE -O1)
  endif()
  if(NOT arg_LIBRARY)
    set(arg_LIBRARY cw_verilated)
  endif()
  if(TARGET ${prefix})  # asked for before, by another library
    add_dependencies(${arg_LIBRARY} verilate_${prefix})
    target_link_libraries(${arg_LIBRARY} INTERFACE ${prefix})
    return()
  endif()
  # What runs once, and what declares waves, is half of a model: apart, without optimisation.
  # A model that is not optimised at all is quickest in one piece.
  set(split --output-split 6000)
  set(parallel 0)
  set(header cw_verilated_pch)
  set(flags "${cw_model_flags} -include ${cw_pch}/cw_verilated.h")
  if(NOT arg_OPTIMIZE STREQUAL -O0)
    set(header)
    set(flags ${cw_model_flags})
    set(split --output-split 0 --output-split-ctrace 6000 --output-groups 1)
    set(parallel 1)
  endif()
  set(source ${cw_rtl_modules})
  list(FILTER source INCLUDE REGEX "/${module}\\.sv$")
  set(folder ${PROJECT_BINARY_DIR}/verilated/${prefix})
  set(archive ${folder}/${prefix}__ALL.a)
  # Verilator's own list of what it read names its C++ files as targets; Ninja wants the archive.
  add_custom_command(
    OUTPUT ${archive}
    COMMAND ${CMAKE_COMMAND} -E env VERILATOR_ROOT=${VERILATOR_ROOT}
      ${VERILATOR_BIN} --cc --quiet -Wall --assert ${trace} --x-assign unique --x-initial unique
      -O3 ${split} --output-split-cfuncs 400 --no-timing --no-skip-identical
      --Mdir ${folder} --prefix ${prefix} --top-module ${module} ${parameters}
      -Irtl/include ${cw_rtl_search} rtl/lint.vlt ${cw_rtl_packages} ${source} rtl/check/cw_bind.sv
    COMMAND sed -e "s|^[^:]*:|${archive}:|" -e "s| rtl/| ${PROJECT_SOURCE_DIR}/rtl/|g"
      ${folder}/${prefix}__ver.d > ${folder}/${prefix}.dep
    COMMAND ${CMAKE_COMMAND} -E rm -f ${archive}
    COMMAND make -s -C ${folder} -f ${prefix}.mk VM_PARALLEL_BUILDS=${parallel}
      VERILATOR_ROOT=${VERILATOR_ROOT}
      OPT_FAST=${arg_OPTIMIZE} OPT_SLOW=-O0 OPT_GLOBAL=-O1
      USER_CPPFLAGS=${flags}
      ${prefix}__ALL.a > ${folder}/make.log
    COMMAND ${CMAKE_COMMAND} -E touch ${archive}
    DEPENDS ${PROJECT_SOURCE_DIR}/${source} ${PROJECT_SOURCE_DIR}/rtl/lint.vlt ${header}
    DEPFILE ${folder}/${prefix}.dep
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    COMMENT "Verilating ${prefix}"
    VERBATIM)
  add_custom_target(verilate_${prefix} DEPENDS ${archive})
  file(MAKE_DIRECTORY ${folder})
  add_library(${prefix} STATIC IMPORTED GLOBAL)
  set_target_properties(${prefix} PROPERTIES
    IMPORTED_LOCATION ${archive}
    INTERFACE_INCLUDE_DIRECTORIES ${folder}
    INTERFACE_LINK_LIBRARIES cw_verilator_runtime)
  add_dependencies(${prefix} verilate_${prefix})
  add_dependencies(${arg_LIBRARY} verilate_${prefix})
  target_link_libraries(${arg_LIBRARY} INTERFACE ${prefix})
endfunction()
