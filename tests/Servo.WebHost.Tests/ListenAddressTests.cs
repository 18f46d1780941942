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
