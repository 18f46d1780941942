using Servo.Domain;

namespace Servo.AspNetCore.Refusals;

/// <summary>The only place that knows which status code a rejection has.</summary>
internal static class RejectionResults
{
    public static IResult From(Rejection rejection)
    {
        var (status, retryAfter) = Of(rejection);
        return new Refusal(status, rejection.Kind, rejection.Detail, retryAfter);
    }

    /// <summary>The status code of a refusal.</summary>
    public static int StatusOf(Rejection rejection) => Of(rejection).Status;

    private static (int Status, int RetryAfterSeconds) Of(Rejection rejection) => rejection switch
    {
        Rejection.Malformed => (StatusCodes.Status400BadRequest, 0),
        Rejection.BadSignature => (StatusCodes.Status403Forbidden, 0),
        Rejection.UnknownCallback => (StatusCodes.Status404NotFound, 0),
        Rejection.CallbackTagTaken => (StatusCodes.Status409Conflict, 0),
        Rejection.UploadTimedOut => (StatusCodes.Status408RequestTimeout, 0),
        Rejection.CallbacksTooLarge => (StatusCodes.Status413PayloadTooLarge, 0),
        Rejection.UploadTooLarge => (StatusCodes.Status413PayloadTooLarge, 0),
        Rejection.Busy => (StatusCodes.Status429TooManyRequests, 5),
        Rejection.UploadDisplaced => (StatusCodes.Status503ServiceUnavailable, 5),
        Rejection.PortalUnavailable => (StatusCodes.Status502BadGateway, 0),
        Rejection.NoSpace => (StatusCodes.Status507InsufficientStorage, 0),
        Rejection.Closed closed => (StatusCodes.Status503ServiceUnavailable, closed.MayReopen ? 30 : 0),
        _ => throw new InvalidOperationException($"'{rejection.Kind}' is the failure of a run and refuses none."),
    };
}
