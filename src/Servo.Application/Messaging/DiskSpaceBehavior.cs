using MediatR;
using Microsoft.Extensions.Logging;
using Servo.Domain;

namespace Servo.Application.Messaging;

/// <summary>Answers that there is no space for every command that fails because the disk is full, and logs what did not fit.</summary>
internal sealed class DiskSpaceBehavior<TRequest, TResponse>(ILoggerFactory loggers) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : notnull
    where TResponse : IResult<TResponse>
{
    private readonly ILogger _logger = loggers.CreateLogger(typeof(DiskSpace));

    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        try
        {
            return await next();
        }
        catch (Exception e) when (DiskSpace.IsLacking(e))
        {
            DiskSpaceLog.NoSpace(_logger, typeof(TRequest).Name, e.Message);
            return TResponse.NoSpace();
        }
    }
}

internal static partial class DiskSpaceLog
{
    [LoggerMessage(1, LogLevel.Error, "{Step} failed because the disk is full: {Reason}")]
    public static partial void NoSpace(ILogger logger, string step, string reason);
}
