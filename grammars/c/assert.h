/* Stands in for the system's: a failed assert that is no condition is a way to leave. */
#undef assert
#define assert(e) ((e) ? (void)0 : weiser_left("assert", __LINE__))
#ifndef static_assert
#define static_assert _Static_assert
#endif
