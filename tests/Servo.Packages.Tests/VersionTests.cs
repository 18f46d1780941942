using Servo.Testing;

namespace Servo.Packages.Tests;

/// <summary>The version that a build takes from git.</summary>
public sealed class VersionTests : IAsyncLifetime
{
    private Checkout _checkout = null!;

    public async ValueTask InitializeAsync() => _checkout = await Checkout.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _checkout.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Each_commit_and_each_change_has_its_own_and_a_tag_makes_a_release()
    {
        var first = await VersionAsync();
        await CommitAsync("Another", DateTimeOffset.UtcNow.AddMinutes(1));
        var second = await VersionAsync();
        await CommitAsync("The same again", DateTimeOffset.UtcNow.AddMinutes(2), "--amend");
        var amended = await VersionAsync();
        await ChangeAsync("a");
        var changed = await VersionAsync();
        await ChangeAsync("b");
        var changedAgain = await VersionAsync();

        new[] { first, second, amended, changed, changedAgain }.Distinct().Count().ShouldBe(5);
        first.ShouldMatch(@"^0\.1\.0-dev\.[0-9]{10}\.g[0-9a-f]{10}$");
        // Of equal length until the hash: this is how NuGet sorts them, too.
        new[] { first, second, amended, changed }.ShouldBeInOrder();

        await _checkout.GitAsync("checkout", "--quiet", "README.md");
        await _checkout.GitAsync("tag", "v0.1.0");
        (await VersionAsync()).ShouldBe("0.1.0");
        (await VersionAsync("-p:Version=7.8.9")).ShouldBe("7.8.9");
        await ChangeAsync("c");
        (await VersionAsync()).ShouldStartWith("0.1.0-dev.");
    }

    [Fact]
    public async Task A_shallow_clone_has_the_commit_s()
    {
        await CommitAsync("Another", DateTimeOffset.UtcNow);
        await ChildProcess.RunAsync(_checkout.Path, "git", "clone", "--quiet", "--depth", "1", $"file://{_checkout.Path}", "shallow");

        (await VersionAsync(folder: "shallow/src/Servo.Client")).ShouldBe(await VersionAsync());
    }

    [Theory]
    [InlineData("rm -rf .git")]
    [InlineData("rm -rf .git && mkdir .git")]
    [InlineData("git update-ref -d HEAD")]
    public async Task Without_a_commit_to_ask_it_is_a_plain_one_and_nothing_warns(string change)
    {
        await ChildProcess.RunAsync(_checkout.Path, "bash", "-c", change);

        (await VersionAsync()).ShouldBe("0.1.0-dev");
    }

    [Fact]
    public async Task Without_git_it_is_a_plain_one_and_nothing_warns()
    {
        using var path = new TempDirectory();
        foreach (var program in (string[])["dotnet", "sh"])
            File.CreateSymbolicLink(path.File(program), (await ChildProcess.RunAsync("/", "which", program)).Trim());

        var (exitCode, output) = await Evaluate("src/Servo.Client").With("PATH", path.Path).RunAsync();

        (exitCode, output.Trim()).ShouldBe((0, "0.1.0-dev"));
    }

    private Command Evaluate(string folder, params string[] properties) =>
        _checkout.Command("dotnet", ["msbuild", folder, "-nologo", "-t:SetPackageVersion", "-getProperty:PackageVersion", "-p:TargetFramework=net10.0", .. properties]);

    private async Task<string> VersionAsync(string? property = null, string folder = "src/Servo.Client")
    {
        var (exitCode, output) = await Evaluate(folder, property is null ? [] : [property]).RunAsync();
        exitCode.ShouldBe(0, output);
        return output.Trim();
    }

    private Task ChangeAsync(string text) => File.AppendAllTextAsync(Path.Join(_checkout.Path, "README.md"), text);

    private async Task CommitAsync(string message, DateTimeOffset time, params string[] options)
    {
        var date = $"@{time.ToUnixTimeSeconds()} +0000";
        await ChildProcess.RunAsync(_checkout.Path, "env", ["GIT_COMMITTER_DATE=" + date, "GIT_AUTHOR_DATE=" + date,
            "git", "commit", "--quiet", "--allow-empty", "--message", message, .. options]);
    }
}
