using Servo.Testing;

namespace Servo.Packages.Tests;

/// <summary>A fresh checkout of the working tree's files, as a repository of one commit, in a folder of its own.</summary>
internal sealed class Checkout : IDisposable
{
    private readonly TempDirectory _directory = new();

    private Checkout()
    {
    }

    /// <summary>The checkout's root; beside it there is nothing.</summary>
    public string Path => _directory.File("servo");

    public static async Task<Checkout> CreateAsync()
    {
        var checkout = new Checkout();
        await ChildProcess.RunAsync(Repository.Root, "bash", "-euo", "pipefail", "-c", """
            mkdir "$1"
            git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- -cf - | tar -xf - -C "$1"
            git -C "$1" init --quiet
            git -C "$1" config user.name Tester
            git -C "$1" config user.email tester@example.com
            git -C "$1" add --all --force
            git -C "$1" commit --quiet --message 'Everything'
            """, "bash", checkout.Path);
        return checkout;
    }

    public Task<string> GitAsync(params string[] arguments) => ChildProcess.RunAsync(Path, "git", arguments);

    /// <summary>A program in the checkout's root, with a package cache of its own over the machine's.</summary>
    public Command Command(string program, params string[] arguments)
    {
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? System.IO.Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget/packages");

        return new Command(Path, program, arguments)
            .Within(TimeSpan.FromMinutes(15))
            .With("NUGET_PACKAGES", _directory.File("packages"))
            .With("RestoreFallbackFolders", Directory.Exists(cache) ? cache : null)
            // Where global tools go.
            .With("DOTNET_CLI_HOME", _directory.File("home"))
            .With("PATH", $"{_directory.File("home/.dotnet/tools")}:{Environment.GetEnvironmentVariable("PATH")}")
            // The analyzers have seen the code already.
            .With("RunAnalyzers", "false");
    }

    /// <summary>The same for a page whose packages and host are compiled when they run: what their machine code is worth has tests of its own.</summary>
    public Command CommandOfPage(string program, params string[] arguments) => Command(program, arguments).With("PublishReadyToRun", "false");

    public void Dispose() => _directory.Dispose();
}
