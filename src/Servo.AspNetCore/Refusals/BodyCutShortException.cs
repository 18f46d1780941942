using Microsoft.AspNetCore.Connections;

namespace Servo.AspNetCore.Refusals;

/// <summary>
/// The end of a connection in the middle of a request's body. Of this kind because after any other exception of a connection the server takes the body for one
/// that is still being read.
/// </summary>
internal sealed class BodyCutShortException() : ConnectionAbortedException("Unexpected end of request content.");
