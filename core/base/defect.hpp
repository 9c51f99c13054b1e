// ES_DEFECT(name): false, unless the build plants the seeded defect of that name (cmake/Defects.cmake). Then some
// conformance vector must fail: tests/conformance/defects.txt has the list, tools/run_defects.py proves it.
// A constant: any thread. Only in .cpp files, so that planting one compiles one file.
#pragma once

// A name that is defined as 1 becomes "0," and moves `true` into the second place.
#define ES_DEFECT(name) ES_DEFECT_EXPAND_(EVENTSOURCE_DEFECT_##name)
#define ES_DEFECT_EXPAND_(value) ES_DEFECT_PASTE_(value)
#define ES_DEFECT_PASTE_(value) ES_DEFECT_SPLIT_(ES_DEFECT_IS_##value true, false, )
#define ES_DEFECT_SPLIT_(...) ES_DEFECT_PICK_(__VA_ARGS__)
#define ES_DEFECT_PICK_(first, second, ...) second
#define ES_DEFECT_IS_1 0,
