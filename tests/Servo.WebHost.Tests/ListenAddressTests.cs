using Servo.WebHost.Configuration;

namespace Servo.WebHost.Tests;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("http://*:5000")]
    [InlineData("http://+:5000")]
    [InlineData("http://localhost:5000")]
    [InlineData("http://LocalHost")]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("https://127.0.0.1:5001")]
    [InlineData("http://[::]:5000")]
    [InlineData("http://[::1]:5000")]
    [InlineData("http://[fe80::1%1]:5000")]
    [InlineData("http://unix:/run/servo.sock")]
    public void An_address_of_this_machine_will_do(string url) => ListenAddress.Problem(url).ShouldBeNull();

    [Theory]
    [InlineData("http://*:5000", true)]
    [InlineData("http://[::]:5000", true)]
    [InlineData("http://0.0.0.0:5000", true)]
    [InlineData("HTTP://10.0.0.1:5000", true)]
    [InlineData("https://0.0.0.0:5000", false)]
    [InlineData("http://127.0.0.2:5000", false)]
    [InlineData("http://[::1]:5000", false)]
    [InlineData("http://localhost:5000", false)]
    [InlineData("http://unix:/run/servo.sock", false)]
    public void What_other_machines_reach_without_TLS_is_in_the_clear(string url, bool isInClear) => ListenAddress.IsInClear(url).ShouldBe(isInClear);

    [Theory]
    [InlineData("http://256.1.1.1:5000")]
    [InlineData("http://[::1:5000")]
    [InlineData("http://localhots:5000")]
    [InlineData("http://servo.example:5000")]
    [InlineData("http://*.example:5000")]
    [InlineData("http://127.1:5000")]
    [InlineData("http://5000")]
    [InlineData("http://*:banana")]
    public void A_name_that_the_server_takes_for_all_addresses_is_refused(string url) =>
        ListenAddress.Problem(url)!.ShouldStartWith($"'{url}' must name an IP address");
}
