// The events this server can tell, and those that make up its lists.
#pragma once

#include <array>
#include <string_view>

namespace missive::ami {

// Sorted without case.
inline constexpr std::array<std::string_view, 48> event_names{
    "AorDetail",
    "AorList",
    "AuthDetail",
    "AuthList",
    "ChallengeResponseFailed",
    "ChallengeSent",
    "ContactList",
    "ContactStatus",
    "ContactStatusDetail",
    "DBGetResponse",
    "DBGetTreeResponse",
    "DeviceStateChange",
    "EndpointDetail",
    "EndpointList",
    "ExtensionStatus",
    "FailedACL",
    "FullyBooted",
    "IdentifyDetail",
    "InboundRegistrationDetail",
    "InvalidAccountID",
    "InvalidPassword",
    "JabberStatus",
    "ListDialplan",
    "MessageListEntry",
    "MessageReceived",
    "MessageStatus",
    "MessageWaiting",
    "MWIGet",
    "Newexten",
    "OriginateResponse",
    "OutboundRegistrationDetail",
    "PeerEntry",
    "PeerStatus",
    "PresenceStateChange",
    "PresenceStatus",
    "Registry",
    "RegistryEntry",
    "Reload",
    "RequestBadFormat",
    "RequestNotAllowed",
    "SessionLimit",
    "Shutdown",
    "SIPQualifyPeerDone",
    "SuccessfulAuth",
    "TransportDetail",
    "UnexpectedAddress",
    "UserEvent",
    "VarSet",
};

}  // namespace missive::ami
