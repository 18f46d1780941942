using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;

namespace Servo.AspNetCore.Answers;

/// <summary>The single range of bytes that a request asks for (RFC 9110, section 14): from, to or both.</summary>
internal readonly record struct ByteRange(long? From, long? To)
{
    /// <summary>
    /// The range, of the content that this tag names; <see langword="null"/> where the whole is to be sent: none is asked for, several are, or If-Range names
    /// another content.
    /// </summary>
    public static ByteRange? Of(RequestHeaders request, EntityTagHeaderValue tag)
    {
        if (request.IfRange is { } condition && condition.EntityTag?.Compare(tag, useStrongComparison: true) is not true)
            return null;

        return request.Range is { Ranges: { Count: 1 } ranges } range && range.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase)
            ? new ByteRange(ranges.Single().From, ranges.Single().To)
            : null;
    }

    /// <summary>The first byte and the end behind the last one; <see langword="null"/> where a content of this length has none of them.</summary>
    public (long Start, long End)? In(long length)
    {
        // Without a beginning, the other number counts from the end.
        var start = From ?? Math.Max(0, length - To!.Value);
        var end = From is null || To is not { } last || last >= length ? length : last + 1;

        return start < end ? (start, end) : null;
    }
}
