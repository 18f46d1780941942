namespace Servo.Ochopod.Tests;

/// <summary>A class of its own, so that the other tests go on meanwhile.</summary>
public sealed class LongRunTests : SinglePod
{
    [Fact]
    public async Task A_run_longer_than_a_minute_comes_back_where_the_caller_waits()
    {
        await PackAsync("import time\ntime.sleep(63)\nprint('done')\n");

        var pod = (await Tools.JsonAsync("exec *servo --force run x.tgz a.py -t 300")).GetProperty(Name);

        Lines(pod)[^2].ShouldBe("done");
        Lines(pod)[^1].ShouldMatch("^a.py ran in 6[3-9] seconds$");
    }
}
