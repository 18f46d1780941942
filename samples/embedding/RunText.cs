using System.Buffers;
using System.Text;
using Servo.Application.Logs;

namespace Embedding;

/// <summary>Prints the lines among the records of a run's log.</summary>
internal static class RunText
{
    public static void Write(ReadOnlyMemory<byte> records)
    {
        var text = new ArrayBufferWriter<byte>();
        var scratch = new ArrayBufferWriter<byte>();

        while (LogRecords.TryTake(ref records, out var record))
        {
            if (LogRecords.OutputOf(record.Span, scratch, out var part) is not { } output)
                continue;

            text.Write(part);

            if (output.IsOneLine)
                text.Write("\n"u8);
        }

        Console.Out.Write(Encoding.UTF8.GetString(text.WrittenSpan));
    }
}
