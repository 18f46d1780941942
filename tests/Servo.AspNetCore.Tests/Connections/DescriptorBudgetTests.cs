using Servo.Application.Runs;
using Servo.Application.Uploads;
using Servo.AspNetCore.Connections;

namespace Servo.AspNetCore.Tests.Connections;

public sealed class DescriptorBudgetTests
{
    [Theory]
    [InlineData(700, 2)]
    [InlineData(1024, 8)]
    [InlineData(4096, 100)]
    [InlineData(20_000, 64)]
    [InlineData(1 << 20, 8)]
    public void What_is_given_out_and_what_runs_need_is_within_the_limit(int limit, int concurrent)
    {
        var budget = new DescriptorBudget(limit, new AdmissionOptions { MaxConcurrent = concurrent }, new UploadOptions());

        // The host's own, twelve for a run; a command has a connection to the portal and a file, an upload
        // a file and, where it is given up, one that closes; as many that need no place have a file.
        var taken = 320 + (12 * concurrent) + budget.Connections + (3 * budget.Uploads) + budget.ScriptConnections
            + (2 * concurrent * budget.CommandsOfRun) + budget.SideConnections;
        taken.ShouldBeLessThanOrEqualTo(limit + (2 * concurrent));

        // One part of 16 is left, but for what each run may have at least.
        (limit - taken).ShouldBeGreaterThanOrEqualTo(((limit - 320 - (12 * concurrent)) / 16) - (2 * concurrent));
        DescriptorBudget.Problem(limit, new AdmissionOptions { MaxConcurrent = concurrent }).ShouldBeNull();
    }

    [Fact]
    public void A_usual_limit_leaves_the_settings_as_they_are()
    {
        var budget = new DescriptorBudget(20_000, new AdmissionOptions(), new UploadOptions());

        budget.Shortages.ShouldBeEmpty();
        budget.Uploads.ShouldBe(256);
        budget.CommandsOfRun.ShouldBe(32);
    }

    [Fact]
    public void A_small_limit_leaves_less_and_says_so()
    {
        var budget = new DescriptorBudget(1024, new AdmissionOptions { MaxConcurrent = 8 }, new UploadOptions());

        budget.Shortages.Count.ShouldBe(2);
        budget.Shortages[0].ShouldContain("connections");
        budget.Shortages[1].ShouldContain("Servo:Uploads:MaxConcurrent");
    }

    [Fact]
    public void A_limit_that_is_too_small_for_the_runs_is_a_problem_that_names_the_next_step()
    {
        var problem = DescriptorBudget.Problem(1024, new AdmissionOptions { MaxConcurrent = 100 }).ShouldNotBeNull();

        foreach (var word in new[] { "RLIMIT_NOFILE is 1024", "1648", "ulimit -n", "LimitNOFILE", "--ulimit", "Servo:Runs:MaxConcurrent" })
            problem.ShouldContain(word);
    }
}
