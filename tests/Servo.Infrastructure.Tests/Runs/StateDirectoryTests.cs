using Servo.Infrastructure.Runs;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Runs;

public sealed class StateDirectoryTests : IDisposable
{
    private readonly TempDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData("/var/lib/servo:/var/lib/other", "/state", "/home/me", "/var/lib/servo")]
    [InlineData(null, "/state", "/home/me", "/state/servo")]
    [InlineData(null, "relative", "/home/me", "/home/me/.local/state/servo")]
    [InlineData("", "", "/home/me", "/home/me/.local/state/servo")]
    public void Is_found_where_the_system_keeps_state(string? systemd, string? xdg, string? home, string expected) =>
        StateDirectory.DefaultRoot(name => name switch { "STATE_DIRECTORY" => systemd, "XDG_STATE_HOME" => xdg, "HOME" => home, _ => null }).ShouldBe(expected);

    [Fact]
    public void Is_none_for_temporary_files_where_there_is_no_home() =>
        Should.Throw<IOException>(() => StateDirectory.DefaultRoot(_ => null)).Message.ShouldContain("Servo:State:Root");

    [Fact]
    public void Refuses_a_second_host_by_name()
    {
        using var first = new StateDirectory(_temporary.File("state"));

        var refusal = Should.Throw<IOException>(() => new StateDirectory(_temporary.File("state"))).Message;

        refusal.ShouldBe($"Another Servo host keeps its runs in '{first.Path}'. End that one, or give this one a folder of its own: Servo:State:Root.");
    }

    [Fact]
    public void Is_free_once_its_host_has_ended()
    {
        new StateDirectory(_temporary.File("state")).Dispose();
        new StateDirectory(_temporary.File("state")).Dispose();
    }

    [Fact]
    public void Is_for_its_owner_alone()
    {
        using var state = new EmbeddedState(_temporary.File("state"));

        foreach (var folder in new[] { state.Directory.Path, state.Directory.Logs, state.Directory.Bundles })
            File.GetUnixFileMode(folder).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        foreach (var file in Directory.EnumerateFiles(state.Directory.Path))
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
    }

    [Fact]
    public void Says_which_folder_cannot_be_made()
    {
        var file = _temporary.Write("file", "");

        Should.Throw<IOException>(() => new StateDirectory(Path.Join(file, "state"))).Message.ShouldContain($"'{file}/state'");
    }

    [Theory]
    [InlineData(0x6969, "NFS")]
    [InlineData(unchecked((int)0xff534d42), "SMB")]
    [InlineData(0x0ff534d42, "SMB")]
    [InlineData(0xef53, null)]
    [InlineData(0x01021994, null)]
    public void Knows_network_file_systems(long kind, string? name) => NetworkFileSystem.NameOf(kind).ShouldBe(name);
}
