/* libcrypto.so, a name that only the development package has: all comes from libcrypto.so.3, which this library needs. */
extern const char sluice_libcrypto_name[];
const char sluice_libcrypto_name[] = "libcrypto.so";
