using System.Text;
using Servo.Domain.Runs;
using Servo.Fuzzing;

namespace Servo.Domain.Tests.Fuzzing;

/// <summary>What callers write into headers and addresses is understood or refused; what was understood is understood again as it is written down.</summary>
public sealed class HeaderFuzzTests
{
    [Fact]
    public Task Of_signatures_names_and_locks() => Mutations.TryAsync(
        [
            Text($"sha1={new string('a', 40)}"), Text($"sha256={new string('0', 64)}"), Text($"sha512={new string('F', 128)}"),
            Text("a.py+folder/b.py"), Text("red, green;shared,blue/1:2"), Text("exec *web --force \"a b\" -j"),
            Text("report-1.json"), Text("01a21ce376097b77a2e2fa8f785c5a6e"),
        ],
        bytes =>
        {
            var text = Encoding.UTF8.GetString(bytes);

            UploadSignature.Parse(text);
            CallbackTag.Parse(text);
            PortalCommandLine.Parse(text);

            if (RunStateNames.TryParse(text, out var state))
                RunStateNames.TryParse(text, out var again).ShouldBe(again == state);

            if (ScriptList.Parse(text).TryGet(out var scripts, out _))
                ScriptList.Parse($"{scripts}").TryGet(out _, out _).ShouldBeTrue();

            if (RunLock.Parse(text.Split('\n')).TryGet(out var locks, out _))
                RunLock.Parse([string.Join(',', locks)]).Value.ShouldBe(locks);

            if (RunId.TryParse(text, out var id))
                RunId.TryParse($"{id}", out _).ShouldBeTrue();

            return Task.CompletedTask;
        });

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
