using System.Net;
using Servo.AspNetCore.Connections;

namespace Servo.AspNetCore.Tests.Connections;

public sealed class SenderTests
{
    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:2:ffff::1", "2001:db8:1:2::")]
    public void Addresses_that_one_party_has_are_one_sender(string address, string sender) => Sender.Of(IPAddress.Parse(address)).ShouldBe(sender);

    [Fact]
    public void Who_has_no_address_has_a_name_all_the_same() => Sender.Of((IPAddress?)null).ShouldBe("");
}
