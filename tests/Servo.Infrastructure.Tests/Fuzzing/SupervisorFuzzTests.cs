using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Servo.Fuzzing;
using Servo.Infrastructure.Processes;
using Servo.Infrastructure.Scripts;

namespace Servo.Infrastructure.Tests.Fuzzing;

/// <summary>A supervisor's damaged message is read, or refused as damaged JSON.</summary>
public sealed partial class SupervisorFuzzTests
{
    [Fact]
    public Task Of_its_messages() => Mutations.TryAsync(
        [
            [
                .. "{\"started\": 4711}\n"u8,
                .. "{\"code\": 3, \"interrupted\": false, \"survived\": false, \"retired\": false, \"cpu\": 0.25, \"memory\": 11223344, \"written\": 0}\n"u8,
            ],
            "{\"retired\": true}\n"u8.ToArray(),
            "{\"started\": 1}\n{\"code\": 137, \"interrupted\": true, \"survived\": true, \"retired\": true}\n{\"code\": 0}\n"u8.ToArray(),
        ],
        async bytes =>
        {
            using var control = ControlSocket.Connect(there =>
            {
                using var other = new Socket(new SafeSocketHandle(Duplicate(there), ownsHandle: true));
                other.Send(bytes);
            });

            try
            {
                if (await control.ReadAsync(SupervisorJson.Default.ScriptStarted, CancellationToken.None) is not null)
                {
                    while (await control.ReadAsync(SupervisorJson.Default.ScriptExited, CancellationToken.None) is { } exited)
                        exited.Usage.PeakMemory.ShouldBe(exited.Memory);
                }
            }
            catch (JsonException)
            {
                // Which is that of a supervisor that somebody has tampered with.
            }
        });

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);
}
