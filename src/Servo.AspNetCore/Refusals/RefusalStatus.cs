using Servo.Domain;

namespace Servo.AspNetCore.Refusals;

/// <summary>The only place that knows which status code a refusal has.</summary>
internal static class RefusalStatus
{
    public static IResult From(Refusal refusal)
    {
        var (status, retryAfter) = Of(refusal);
        return new RefusalResult(status, refusal.Kind, refusal.Detail, retryAfter);
    }

    /// <summary>The status code of a refusal.</summary>
    public static int StatusOf(Refusal refusal) => Of(refusal).Status;

    private static (int Status, int RetryAfterSeconds) Of(Refusal refusal) => refusal switch
    {
        Refusal.Malformed => (StatusCodes.Status400BadRequest, 0),
        Refusal.BadSignature => (StatusCodes.Status403Forbidden, 0),
        Refusal.BadRequestSignature => (StatusCodes.Status403Forbidden, 0),
        Refusal.UnknownRun => (StatusCodes.Status404NotFound, 0),
        Refusal.RangeNotSatisfiable => (StatusCodes.Status416RangeNotSatisfiable, 0),
        Refusal.IdempotencyKeyReused => (StatusCodes.Status422UnprocessableEntity, 0),
        Refusal.UnknownCallback => (StatusCodes.Status404NotFound, 0),
        Refusal.CallbackTagTaken => (StatusCodes.Status409Conflict, 0),
        Refusal.UploadTimedOut => (StatusCodes.Status408RequestTimeout, 0),
        Refusal.CallbacksTooLarge => (StatusCodes.Status413PayloadTooLarge, 0),
        Refusal.UploadTooLarge => (StatusCodes.Status413PayloadTooLarge, 0),
        Refusal.Busy busy => (StatusCodes.Status429TooManyRequests, (int)Math.Ceiling(busy.RetryAfter.TotalSeconds)),
        Refusal.UploadDisplaced => (StatusCodes.Status503ServiceUnavailable, 5),
        Refusal.PortalUnavailable => (StatusCodes.Status502BadGateway, 0),
        Refusal.StateFull => (StatusCodes.Status503ServiceUnavailable, 30),
        Refusal.NoSpace => (StatusCodes.Status507InsufficientStorage, 0),
        Refusal.Closed closed => (StatusCodes.Status503ServiceUnavailable, closed.MayReopen ? 30 : 0),
        _ => (StatusCodes.Status500InternalServerError, 0),
    };
}
