// The messages of proto/ as C structs, made by scripts/generate-proto.
#pragma once
#include "authd/v1/admin.pb-c.h"
#include "authd/v1/auth.pb-c.h"
#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"
#include "grpc/health/v1/health.pb-c.h"
#include "ttrpc/ttrpc.pb-c.h"
