# civetweb opens libssl.so and libcrypto.so at run time, by these names, and Debian 12's is made for OpenSSL 1.1: two small
# libraries of these names, beside the program and loaded with it, lead to OpenSSL 3. Without them there is no TLS.
function(sluice_openssl_names program)
  foreach(name ssl crypto)
    add_library(openssl_name_${name} SHARED cmake/openssl_names/${name}.c)
    set_target_properties(openssl_name_${name} PROPERTIES
        OUTPUT_NAME ${name} LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib/sluice)
    target_link_options(openssl_name_${name} PRIVATE -Wl,--no-as-needed)
    target_link_libraries(openssl_name_${name} PRIVATE OpenSSL::SSL OpenSSL::Crypto)
    install(TARGETS openssl_name_${name} LIBRARY DESTINATION lib/sluice)
    target_link_libraries(${program} PRIVATE openssl_name_${name})
  endforeach()
  target_link_options(${program} PRIVATE -Wl,--no-as-needed)
  set_target_properties(${program} PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/sluice")
endfunction()
