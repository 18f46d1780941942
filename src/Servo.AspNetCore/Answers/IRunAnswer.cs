using Servo.Application.Logs;

namespace Servo.AspNetCore.Answers;

/// <summary>Writes a run's events as the answer to its caller, in one of the forms that a caller can accept.</summary>
internal interface IRunAnswer : IRunOutput, IAsyncDisposable;
