using Servo.Infrastructure.Files;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Files;

/// <summary>What counts as the space of a folder, and what cannot be hidden from that.</summary>
public sealed class TreeSpaceTests : IDisposable
{
    private const long MiB = 1 << 20;

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Is_the_sum_of_what_the_files_take()
    {
        File.WriteAllBytes(_folder.File("a/b/c"), new byte[2 * MiB]);
        File.WriteAllBytes(_folder.File("d"), new byte[MiB]);
        File.CreateSymbolicLink(_folder.File("a/up"), "..");

        IsMoreThan(2 * MiB).ShouldBeTrue();
        IsMoreThan(4 * MiB).ShouldBeFalse();
        TreeSpace.IsMoreThan(0, _folder.File("gone"), CancellationToken.None).ShouldBeFalse();
    }

    [Theory]
    [InlineData(UnixFileMode.None)]
    [InlineData(UnixFileMode.UserRead)]
    [InlineData(UnixFileMode.UserExecute)]
    public async Task A_folder_that_shuts_this_user_out_is_too_much(UnixFileMode mode)
    {
        var shut = Path.GetDirectoryName(_folder.Write("shut/file", "x"))!;
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0x1ff);
        await Unprivileged.OwnAsync(shut);
        Unprivileged.Run(() => IsMoreThan(MiB)).ShouldBeFalse();

        File.SetUnixFileMode(shut, mode);

        try
        {
            Unprivileged.Run(() => IsMoreThan(MiB)).ShouldBeTrue();
        }
        finally
        {
            File.SetUnixFileMode(shut, (UnixFileMode)0x1ff);
        }
    }

    private bool IsMoreThan(long bytes) => TreeSpace.IsMoreThan(bytes, _folder.Path, CancellationToken.None);
}
