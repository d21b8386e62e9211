// protobuf-c, the run-time library of the messages in CAuthdProto.
#pragma once
#include <protobuf-c/protobuf-c.h>
