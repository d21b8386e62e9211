"""The service's errors: status, code and message, and their bodies in JSON and XML.

Sources: REST "Table service error codes" and "Common REST API error codes"; the texts are those of
the recordings in the tests of Microsoft's SDK for Python.
"""

import json
from xml.sax.saxutils import escape

_UNAUTHORIZED = "This request is not authorized to perform this operation"
_RANGE = "is out of range."

# code: (status, message)
CATALOGUE: dict[str, tuple[int, str]] = {
    "AtomFormatNotSupported": (415, "Atom format is not supported."),
    "AuthenticationFailed": (
        403,
        "Server failed to authenticate the request. Make sure the value of Authorization header "
        "is formed correctly including the signature.",
    ),
    "AuthorizationFailure": (403, f"{_UNAUTHORIZED}."),
    "AuthorizationPermissionMismatch": (403, f"{_UNAUTHORIZED} using this permission."),
    "AuthorizationProtocolMismatch": (403, f"{_UNAUTHORIZED} using this protocol."),
    "AuthorizationResourceTypeMismatch": (403, f"{_UNAUTHORIZED} using this resource type."),
    "AuthorizationServiceMismatch": (403, f"{_UNAUTHORIZED} using this service."),
    "AuthorizationSourceIPMismatch": (403, f"{_UNAUTHORIZED} using this source IP."),
    "CommandsInBatchActOnDifferentPartitions": (
        400,
        "All commands in a batch must operate on same entity group.",
    ),
    "ConditionHeadersNotSupported": (400, "Condition headers are not supported."),
    "DuplicatePropertiesSpecified": (400, "A property is specified more than one time."),
    "EntityAlreadyExists": (409, "The specified entity already exists."),
    "EntityTooLarge": (400, "The entity is larger than the maximum allowed size (1MB)."),
    "InsufficientAccountPermissions": (403, "Write operations are not allowed."),
    "InternalError": (
        500,
        "The server encountered an internal error. Please retry the request.",
    ),
    "InvalidAuthenticationInfo": (
        401,
        "Server failed to authenticate the request. Please refer to the information in the "
        "www-authenticate header.",
    ),
    "InvalidDuplicateRow": (
        400,
        "The batch request contains multiple changes with same row key. An entity can appear "
        "only once in a batch request.",
    ),
    "InvalidHeaderValue": (
        400,
        "The value for one of the HTTP headers is not in the correct format.",
    ),
    "InvalidInput": (400, "One of the request inputs is not valid."),
    "InvalidQueryParameterValue": (
        400,
        "Value for one of the query parameters specified in the request URI is invalid.",
    ),
    "InvalidResourceName": (400, "The specifed resource name contains invalid characters."),
    "InvalidUri": (400, "The requested URI does not represent any resource on the server."),
    "InvalidXmlDocument": (400, "XML specified is not syntactically valid."),
    "JsonFormatNotSupported": (415, "JSON format is not supported."),
    "KeyBasedAuthenticationNotPermitted": (
        403,
        "Key based authentication is not permitted on this storage account.",
    ),
    "MediaTypeNotSupported": (415, "None of the provided media types are supported"),
    "MissingContentLengthHeader": (411, "The Content-Length header was not specified."),
    "MissingRequiredHeader": (
        400,
        "An HTTP header that's mandatory for this request is not specified.",
    ),
    "NotImplemented": (
        501,
        "The requested operation is not implemented on the specified resource.",
    ),
    "OperationTimedOut": (
        500,
        "The operation could not be completed within the permitted time.",
    ),
    "OutOfRangeInput": (400, f"One of the request inputs {_RANGE}"),
    "PropertiesNeedValue": (
        400,
        "The values are not specified for all properties in the entity.",
    ),
    "PropertyNameInvalid": (400, "The property name is invalid."),
    "PropertyNameTooLong": (400, "The property name exceeds the maximum allowed length (255)."),
    "PropertyValueTooLarge": (
        400,
        "The property value exceeds the maximum allowed size (64KB). If the property value is a "
        "string, it is UTF-16 encoded and the maximum number of characters should be 32K or less.",
    ),
    "RequestBodyTooLarge": (
        413,
        "The request body is too large and exceeds the maximum permissible limit.",
    ),
    "ResourceNotFound": (404, "The specified resource does not exist."),
    "ServerBusy": (503, "The server is busy."),
    "TableAlreadyExists": (409, "The table specified already exists."),
    "TableBeingDeleted": (
        409,
        "The specified table is being deleted. Try operation later.",
    ),
    "TableNotFound": (404, "The table specified does not exist."),
    "TooManyProperties": (
        400,
        "The entity contains more properties than allowed. Each entity can include up to 252 "
        "properties to store data. Each entity also has 3 system properties.",
    ),
    "TooManyRequests": (429, "The request rate is too large."),
    "UnsupportedHttpVerb": (405, "The resource doesn't support specified Http Verb."),
    "UpdateConditionNotSatisfied": (
        412,
        "The update condition specified in the request was not satisfied.",
    ),
    "XMethodIncorrectValue": (
        400,
        "The HTTP method specified in the X-HTTP-Method header is incorrect.",
    ),
    "XMethodNotUsingPost": (400, "The X-HTTP-Method override is allowed only with POST."),
}
# The front end refuses these before the table service sees the request.
FRONT_END = frozenset({"AuthenticationFailed", "InvalidAuthenticationInfo"})


class TableError(Exception):
    """One refusal of the service."""

    def __init__(self, code: str, message: str = "", detail: str = "") -> None:
        self.code = code
        self.status, standard = CATALOGUE[code]
        self.message = message or standard
        self.detail = detail  # for the log alone: what failed in a signature
        self.headers: list[tuple[str, str]] = []
        super().__init__(f"{self.status} {code}: {self.message}")


def json_body(code: str, message: str, request_id: str, moment: str) -> bytes:
    """An `odata.error`."""
    text = f"{message}\nRequestId:{request_id}\nTime:{moment}"
    value = {"odata.error": {"code": code, "message": {"lang": "en-US", "value": text}}}
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def xml_body(code: str, message: str, request_id: str, moment: str) -> bytes:
    """An `m:error`."""
    text = escape(f"{message}\nRequestId:{request_id}\nTime:{moment}")
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<m:error xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">'
        f'<m:code>{code}</m:code><m:message xml:lang="en-US">{text}</m:message></m:error>'
    ).encode()
