using Servo.WebHost.Configuration;

namespace Servo.WebHost.Tests;

public sealed class HostCommandLineTests
{
    [Theory]
    [InlineData]
    [InlineData("--urls", "http://127.0.0.1:0")]
    [InlineData("--urls=http://127.0.0.1:0")]
    [InlineData("/urls", "http://127.0.0.1:0")]
    [InlineData("/URLS=http://127.0.0.1:0")]
    [InlineData("urls=http://127.0.0.1:0")]
    [InlineData("--Servo:Token=--help")]
    [InlineData("--servo:Scripts:Timeout", "10", "--Kestrel:Endpoints:A:Url=http://127.0.0.1:0", "--Logging:LogLevel:Default=Debug", "--environment", "Development")]
    public void What_ASP_NET_Core_reads_starts_the_host(params string[] args) => HostCommandLine.Read(args).ShouldBeNull();

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("--urls", "http://127.0.0.1:0", "--help")]
    public void Help_is_printed(params string[] args) => HostCommandLine.Read(args)!.ExitCode.ShouldBe(0);

    [Theory]
    [InlineData("--hlep")]
    [InlineData("--")]
    [InlineData("")]
    [InlineData("-urls=http://127.0.0.1:0")]
    [InlineData("--Servo.Token=x")]
    [InlineData("--urls")]
    [InlineData("banana")]
    [InlineData("--urls", "http://127.0.0.1:0", "banana")]
    public void What_would_be_passed_over_is_refused(params string[] args) => HostCommandLine.Read(args)!.ExitCode.ShouldBe(1);
}
