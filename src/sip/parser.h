// What a receiver of SIP messages needs: Packet::parse() takes a message apart,
// validate_request() says whether a request can be served or how to refuse it.
#pragma once

#include "sip/packet.h"
#include "sip/validate.h"
