
namespace Servo.Simulation.Tests;

public sealed class PortMappingTests
{
    [Theory]
    [InlineData("80", 80, null)]
    [InlineData("80 8000", 80, 8000)]
    [InlineData("80 *", 80, 80)]
    [InlineData("80 tcp", 80, null)]
    [InlineData("80 8000 udp", 80, 8000)]
    [InlineData("80 * tcp", 80, 80)]
    [InlineData("65535", 65535, null)]
    public void Reads_the_documented_forms(string text, int container, int? host) => PortMapping.Parse(text).ShouldBe(new PortMapping(container, host));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("-1")]
    [InlineData("http")]
    [InlineData("* 80")]
    [InlineData("80 http")]
    [InlineData("80 81 82")]
    [InlineData("tcp")]
    [InlineData("80 tcp udp")]
    public void Refuses_all_others(string text) => PortMapping.Parse(text).ShouldBeNull();
}
