/* How the public functions are declared: C linkage, exported symbols, and no exception across the boundary. */
#ifndef EVENTSOURCE_EXPORT_H
#define EVENTSOURCE_EXPORT_H

#define ES_API __attribute__((visibility("default")))

#ifdef __cplusplus
#define ES_NOEXCEPT noexcept
#define ES_BEGIN_DECLS extern "C" {
#define ES_END_DECLS }
#else
#define ES_NOEXCEPT
#define ES_BEGIN_DECLS
#define ES_END_DECLS
#endif

#endif
