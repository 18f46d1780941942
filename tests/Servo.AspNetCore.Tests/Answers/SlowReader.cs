using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Servo.AspNetCore.Tests.Answers;

/// <summary>A caller that takes its answer as slowly as the test does; of what it has not taken the server buffers 1,000 bytes.</summary>
internal sealed class SlowReader : IHttpRequestLifetimeFeature
{
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 1000, resumeWriterThreshold: 1));

    public SlowReader()
    {
        Context = new DefaultHttpContext();
        Context.Features.Set<IHttpRequestLifetimeFeature>(this);
        Context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(_pipe.Writer.AsStream()));
    }

    public DefaultHttpContext Context { get; }

    public PipeReader Taken => _pipe.Reader;

    public bool IsCutOff { get; private set; }

    public CancellationToken RequestAborted { get; set; }

    public void Abort() => IsCutOff = true;
}
