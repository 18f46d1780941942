using System.IO.Pipelines;
using System.Threading.Channels;
using Servo.Application.Uploads;
using Servo.Domain;

namespace Servo.Application.Tests.Uploads;

/// <summary>An upload whose sender is the test.</summary>
internal sealed class TestUpload
{
    /// <summary>More than what arrives without a place.</summary>
    public const int Large = 65 * 1024;

    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly Channel<long> _received = Channel.CreateUnbounded<long>();
    private long _sent;
    private long _seen;

    public TestUpload(UploadPlaces places, string sender = "10.0.0.1") =>
        Outcome = places.ReceiveAsync(new UploadSender(sender), _pipe.Reader.AsStream(), ReceiveAsync, TestContext.Current.CancellationToken);

    /// <summary>How many bytes arrived, or why the upload was given up.</summary>
    public Task<Result<long>> Outcome { get; }

    /// <summary>Ends when the upload has got its place and its first byte was read.</summary>
    public Task HasBegun => ReceivedAsync(1);

    /// <summary>Holds what was received until then: an upload that was given up leaves afterwards.</summary>
    public Task Leaving { get; set; } = Task.CompletedTask;

    public static async Task<TestUpload> BeginAsync(UploadPlaces places, string sender = "10.0.0.1")
    {
        var upload = new TestUpload(places, sender);
        await upload.SendAsync(Large);
        return upload;
    }

    /// <summary>Sends bytes without waiting for anyone to read them.</summary>
    public async Task<TestUpload> PostAsync(int bytes)
    {
        _sent += bytes;
        await _pipe.Writer.WriteAsync(new byte[bytes]);
        return this;
    }

    /// <summary>Sends bytes and waits until they have arrived.</summary>
    public async Task SendAsync(int bytes)
    {
        await PostAsync(bytes);
        await ReceivedAsync(_sent);
    }

    public async Task<Result<long>> EndAsync()
    {
        await _pipe.Writer.CompleteAsync();
        return await Outcome;
    }

    private async Task ReceivedAsync(long bytes)
    {
        while (_seen < bytes)
            _seen = await _received.Reader.ReadAsync(TestContext.Current.CancellationToken);
    }

    private async Task<Result<long>> ReceiveAsync(Stream body, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        var total = 0L;

        try
        {
            while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
                await _received.Writer.WriteAsync(total += read, cancellationToken);

            return total;
        }
        finally
        {
            await Leaving;
        }
    }
}
