using System.Net;
using System.Security.Cryptography;
using CasFunctions.Audit;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using CasFunctions.Tests.Trusts;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Tests.Cli;

/// <summary>Jobs that have no secret, but a token of their CI system.</summary>
public sealed class CiLoginTests(TestServices services) : IAsyncLifetime
{
    private const string Fixed = "api://AzureADTokenExchange";

    private TrustingService _trusting = null!;
    private Tenant _tenant = null!;
    private CiSystem _ci = null!;

    private string Audience => $"{_trusting.Home}/orgs/{_tenant.Name}";

    public async ValueTask InitializeAsync()
    {
        _trusting = await TrustingService.StartAsync(services, atHome: true);
        _tenant = await _trusting.Service.NewTenantAsync();
        _ci = await CiSystem.StartAsync(_trusting, _tenant.Name);
    }

    public async ValueTask DisposeAsync()
    {
        await _ci.DisposeAsync();
        await _trusting.DisposeAsync();
    }

    [Fact]
    public async Task A_job_on_GitHub_uploads_with_a_token_that_is_made_for_the_organization()
    {
        await _trusting.TrustAsync(_tenant);
        using var cas = _ci.GitHubJob();

        var run = (await UploadAsync(cas, "sbom.json")).Expect(0);
        var status = (await cas.RunAsync("status")).Expect(0);

        Assert.StartsWith("sbom.json@sha256:", run.Text, StringComparison.Ordinal);
        Assert.Contains(_tenant.Name, status.Text, StringComparison.Ordinal);
        Assert.All(_ci.Requests, request => Assert.Equal($"GET /github/token?api-version=2.0&audience={Uri.EscapeDataString(Audience)}", request));
        Assert.Empty(await ExchangesAsync());
        AssertSecret(run, status);
        Assert.False(Directory.Exists(cas.ConfigFolder));
    }

    [Fact]
    public async Task A_job_on_GitHub_renews_tokens_that_end_during_the_run()
    {
        await _trusting.TrustAsync(_tenant);
        using var cas = _ci.GitHubJob();
        _ci.Lifetime = TimeSpan.Zero;

        (await UploadAsync(cas, "a", "b", "c")).Expect(0);

        Assert.Equal(3, _ci.Tokens.Count);
    }

    [Fact]
    public async Task A_job_on_Azure_Pipelines_exchanges_its_token_once_for_all_of_its_run()
    {
        await _trusting.TrustAsync(_tenant, audience: Fixed);
        using var cas = _ci.AzureJob();

        var run = (await UploadAsync(cas, "a", "b", "c")).Expect(0);

        Assert.Equal($"POST /azure/oidctoken?api-version=7.1&serviceConnectionId={CiSystem.Connection}", Assert.Single(_ci.Requests));
        Assert.Single(await ExchangesAsync());
        AssertSecret(run);
    }

    [Fact]
    public async Task A_job_exchanges_anew_when_the_exchanged_token_is_about_to_end()
    {
        await _trusting.TrustAsync(_tenant, audience: Fixed);
        using var cas = _ci.AzureJob();

        // The service's clock is behind, so that what it gives out for an hour is about to end for the program.
        _trusting.Clock.Ahead = TimeSpan.FromHours(-1);
        (await UploadAsync(cas, "a", "b", "c")).Expect(0);

        Assert.Equal(3, _ci.Requests.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_job_that_was_given_a_token_uses_it_or_exchanges_it_by_its_audience(bool chosen)
    {
        await _trusting.TrustAsync(_tenant, audience: chosen ? null : Fixed);
        using var cas = _ci.GitLabJob(chosen ? Audience : Fixed);

        var run = (await UploadAsync(cas, "a", "b")).Expect(0);

        Assert.Equal(chosen ? 0 : 1, (await ExchangesAsync()).Count);
        AssertSecret(run);
    }

    [Fact]
    public async Task What_is_said_explicitly_goes_before_the_jobs_own_token()
    {
        using var cas = _ci.GitHubJob();
        cas["CAS_TOKEN"] = await _tenant.NewTokenAsync("uploader");
        (await UploadAsync(cas, "a")).Expect(0);

        cas["CAS_TOKEN"] = null;
        (await cas.RunAsync(System.Text.Encoding.UTF8.GetBytes(_tenant.OwnerToken), "login", "--token-stdin")).Expect(0);
        (await UploadAsync(cas, "b")).Expect(0);

        Assert.Empty(_ci.Requests);
    }

    [Fact]
    public async Task The_organization_on_the_command_line_goes_before_the_one_in_the_variable()
    {
        await _trusting.TrustAsync(_tenant);
        using var cas = _ci.GitHubJob();
        cas["CAS_ORG"] = "other";

        (await cas.RunAsync("status", "--org", _tenant.Name)).Expect(0);

        Assert.Contains(_ci.Requests, request => request.Contains(Uri.EscapeDataString(Audience), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_that_nobody_trusts_is_told_so_and_by_which_token()
    {
        using var github = _ci.GitHubJob();
        using var azure = _ci.AzureJob();

        foreach (var run in new[] { await UploadAsync(github, "a"), await UploadAsync(azure, "a"), await github.RunAsync("artifact", "download", "-d", "sha256:" + new string('a', 64)) })
        {
            run.Expect(3);
            Assert.Contains(_tenant.Name, run.Errors, StringComparison.Ordinal);
            Assert.Contains(_trusting.Issuer.Name, run.Errors, StringComparison.Ordinal);
            Assert.Contains("cas trust add", run.Errors, StringComparison.Ordinal);
            AssertSecret(run);
        }
    }

    [Theory]
    [InlineData("ACTIONS_ID_TOKEN_REQUEST_URL", null, "id-token: write")]
    [InlineData("ACTIONS_ID_TOKEN_REQUEST_TOKEN", null, "id-token: write")]
    [InlineData("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "wrong", "id-token: write")]
    [InlineData("ACTIONS_ID_TOKEN_REQUEST_URL", "http://127.0.0.1:9/token", "not an https address")]
    [InlineData("CAS_ORG", null, "CAS_ORG")]
    [InlineData("CAS_ID_TOKEN", "no token", "CAS_ID_TOKEN does not hold")]
    public async Task A_job_on_GitHub_that_lacks_something_is_told_what(string variable, string? value, string told)
    {
        using var cas = _ci.GitHubJob();
        cas[variable] = value;

        var run = (await UploadAsync(cas, "a")).Expect(3);

        Assert.Contains(told, run.Errors, StringComparison.Ordinal);
        AssertSecret(run);
    }

    [Theory]
    [InlineData("SYSTEM_ACCESSTOKEN", null, "$(System.AccessToken)")]
    [InlineData("SYSTEM_ACCESSTOKEN", "wrong", "workload identity federation")]
    [InlineData("SYSTEM_OIDCREQUESTURI", null, "SYSTEM_OIDCREQUESTURI")]
    [InlineData("CAS_SERVICE_CONNECTION_ID", null, "CAS_SERVICE_CONNECTION_ID")]
    public async Task A_job_on_Azure_Pipelines_that_lacks_something_is_told_what(string variable, string? value, string told)
    {
        using var cas = _ci.AzureJob();
        cas[variable] = value;

        Assert.Contains(told, (await UploadAsync(cas, "a")).Expect(3).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_on_GitLab_without_a_token_is_told_how_to_get_one()
    {
        using var cas = _ci.GitLabJob(Audience);
        cas["CAS_ID_TOKEN"] = null;

        Assert.Contains($"id_tokens: {{ CAS_ID_TOKEN: {{ aud: {Audience} }} }}", (await UploadAsync(cas, "a")).Expect(3).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_job_asks_with_follows_no_redirect()
    {
        var seen = 0;
        await using var elsewhere = await LoopbackServer.StartAsync(_trusting.Issuer.Certificate, _ =>
        {
            Interlocked.Increment(ref seen);
            return Task.CompletedTask;
        });
        _ci.Instead = context =>
        {
            context.Response.Redirect(elsewhere.Address.ToString());
            return Task.CompletedTask;
        };
        using var cas = _ci.GitHubJob();

        (await UploadAsync(cas, "a")).Expect(3);

        Assert.Equal(0, seen);
    }

    [Fact]
    public async Task A_CI_system_that_fails_for_a_moment_is_asked_again()
    {
        await _trusting.TrustAsync(_tenant);
        var failures = 2;
        _ci.Instead = context =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            _ci.Instead = Interlocked.Decrement(ref failures) > 0 ? _ci.Instead : null;
            return Task.CompletedTask;
        };
        using var cas = _ci.GitHubJob();

        (await UploadAsync(cas, "a")).Expect(0);

        Assert.Equal(3, _ci.Requests.Count);
    }

    private static Task<CasRun> UploadAsync(CasProgram cas, params string[] names)
    {
        foreach (var name in names)
        {
            cas.Write(name, RandomNumberGenerator.GetBytes(1000));
        }

        return cas.RunAsync(["artifact", "upload", .. names.SelectMany(name => (string[])["-f", name])]);
    }

    private async Task<IReadOnlyList<string?>> ExchangesAsync() =>
    [
        .. (await _tenant.GetAsync($"/v1/audit?action={AuditActions.TokenExchanged}")).Expect(HttpStatusCode.OK)
            .Json.GetProperty("events").EnumerateArray().Select(line => line.GetProperty("subject").GetString()),
    ];

    private void AssertSecret(params CasRun[] runs) =>
        Assert.All(runs, run => Assert.DoesNotContain([.. _ci.Tokens, CiSystem.Secret, "cas_"], secret => (run.Text + run.Errors).Contains(secret, StringComparison.Ordinal)));
}
