namespace Servo.Domain.Tests;

public sealed class VariableNameTests
{
    [Theory]
    [InlineData("PATH")]
    [InlineData("SERVO_TOKEN")]
    [InlineData("Servo__Token")]
    [InlineData("servo__portal__token")]
    [InlineData("SERVO_PORTAL_SOCKET")]
    [InlineData("CALLBACK")]
    [InlineData("HOME")]
    [InlineData("TMPDIR")]
    [InlineData("LANG")]
    [InlineData("PYTHONPATH")]
    [InlineData("PYTHONUNBUFFERED")]
    [InlineData("LD_PRELOAD")]
    [InlineData("ld_library_path")]
    [InlineData("NODE_OPTIONS")]
    [InlineData("PERL5OPT")]
    [InlineData("BASH_ENV")]
    [InlineData("ENV")]
    [InlineData("DOTNET_STARTUP_HOOKS")]
    [InlineData("ASPNETCORE_URLS")]
    [InlineData("Kestrel__Certificates__Default__Password")]
    [InlineData("ACME_PRELOAD")]
    public void What_the_gateway_sets_itself_and_what_steers_loaders_and_interpreters_is_not_even_the_operator_s(string name) =>
        VariableName.ReservedFor(name).ShouldNotBeNull();

    [Theory]
    [InlineData("KUBERNETES_SERVICE_HOST")]
    [InlineData("KUBECONFIG")]
    [InlineData("AWS_WEB_IDENTITY_TOKEN_FILE")]
    [InlineData("DOCKER_HOST")]
    [InlineData("HTTPS_PROXY")]
    [InlineData("no_proxy")]
    [InlineData("SSL_CERT_FILE")]
    [InlineData("JAVA_HOME")]
    [InlineData("NODE_EXTRA_CA_CERTS")]
    [InlineData("NODE_ENV")]
    [InlineData("GIT_SSH_COMMAND")]
    [InlineData("ZONE")]
    public void What_says_where_to_go_and_as_whom_is_the_operator_s(string name) => VariableName.ReservedFor(name).ShouldBeNull();

    [Theory]
    [InlineData("", "SERVO_*")]
    [InlineData("S", "SERVO_*")]
    [InlineData("s", "SERVO_*")]
    [InlineData("SERVO", "SERVO_*")]
    [InlineData("Servo__", "SERVO_*")]
    [InlineData("SERVO_PUBLIC_", "SERVO_*")]
    [InlineData("CALL", "CALLBACK")]
    [InlineData("HOM", "HOME")]
    [InlineData("LD_", "LD_*")]
    [InlineData("PYTHON", "PYTHON*")]
    [InlineData("NODE_MY_", "NODE_*")]
    [InlineData("Kestrel__", "KESTREL_*")]
    public void A_beginning_that_could_cover_a_reserved_name_says_which(string beginning, string reserved) =>
        VariableName.ReservedBelow(beginning)!.Value.Name.ShouldBe(reserved);

    [Theory]
    [InlineData("KUBERNETES_")]
    [InlineData("AWS_")]
    [InlineData("ACME_")]
    [InlineData("SERVICE_")]
    [InlineData("ci_")]
    public void Another_beginning_is_free(string beginning) => VariableName.ReservedBelow(beginning).ShouldBeNull();

    [Theory]
    [InlineData("A", true)]
    [InlineData("_a1", true)]
    [InlineData("", false)]
    [InlineData("1A", false)]
    [InlineData("A-B", false)]
    [InlineData("Ä", false)]
    [InlineData("A=B", false)]
    public void An_identifier_consists_of_letters_digits_and_underscores(string name, bool isIdentifier) =>
        VariableName.IsIdentifier(name).ShouldBe(isIdentifier);
}
