/* CALL prints a call's result after what the call itself prints. */
static inline void check_result(const char *label, long long result) { CHECK(label, "%lld", result); }
#define CALL(x) check_result(#x, (long long)(x))
