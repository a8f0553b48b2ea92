using System.Net;
using System.Text;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Cli;

/// <summary><c>cas login</c>, <c>org</c>, <c>token</c> and <c>status</c>, and where secrets go.</summary>
public sealed class AccountCommandTests(TestServices services, RunningService running)
{
    [Fact]
    public async Task A_login_is_kept_for_the_user_alone_and_used_by_further_commands()
    {
        var tenant = await running.NewTenantAsync(services);
        using var cas = new CasProgram();

        var login = (await cas.RunAsync(Encoding.UTF8.GetBytes(tenant.OwnerToken + "\n"), "login", "--address", tenant.Address.ToString(), "--token-stdin")).Expect(0);
        var status = (await cas.RunAsync("status")).Expect(0);

        Assert.DoesNotContain(tenant.OwnerToken, login.Text + login.Errors + status.Text, StringComparison.Ordinal);
        Assert.Contains(tenant.Name, status.Text, StringComparison.Ordinal);
        var file = Assert.Single(new DirectoryInfo(cas.ConfigFolder).GetFiles());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode);
    }

    [Fact]
    public async Task A_login_that_the_service_refuses_is_not_kept()
    {
        var tenant = await running.NewTenantAsync(services);
        using var cas = new CasProgram();
        var token = cas.Write("token", "cas_000000000000000000000000000000000000"u8.ToArray());

        (await cas.RunAsync("login", "--address", tenant.Address.ToString(), "--token-file", token)).Expect(3);

        Assert.False(Directory.Exists(cas.ConfigFolder));
    }

    [Fact]
    public async Task The_token_of_the_login_goes_to_no_other_service()
    {
        var tenant = await running.NewTenantAsync(services);
        var authorizations = new List<string?>();
        await using var other = await LoopbackServer.StartAsync(null, context =>
        {
            authorizations.Add(context.Request.Headers.Authorization);
            context.Response.StatusCode = 401;
            return Task.CompletedTask;
        });
        using var cas = new CasProgram();
        (await cas.RunAsync(Encoding.UTF8.GetBytes(tenant.OwnerToken), "login", "--address", tenant.Address.ToString(), "--token-stdin")).Expect(0);

        (await cas.RunAsync("backend", "ls", "--address", other.Address.ToString())).Expect(3);
        (await cas.RunAsync("backend", "ls")).Expect(0);

        Assert.Empty(authorizations);
    }

    [Fact]
    public async Task The_operator_creates_an_organization_and_logs_in_as_its_owner()
    {
        var service = await running.GetAsync(services);
        using var cas = new CasProgram(service.Address);
        cas["CAS_ROOT_KEY"] = RemoteService.RootKey;
        var name = "t" + Guid.NewGuid().ToString("n")[..12];

        var created = (await cas.RunAsync("org", "create", name, "--owner", "ann@example.com", "--owner", "bob@example.com", "--login")).Expect(0);
        var minted = (await cas.RunAsync("org", "token", name)).Expect(0);

        Assert.StartsWith("cas_", created.Text, StringComparison.Ordinal);
        Assert.StartsWith("cas_", minted.Text, StringComparison.Ordinal);
        Assert.NotEqual(created.Text, minted.Text);
        Assert.Contains("bob@example.com", (await cas.RunAsync("org", "show")).Expect(0).Text, StringComparison.Ordinal);
        Assert.Contains("carol@example.com", (await cas.RunAsync("org", "update", "--owner", "carol@example.com")).Expect(0).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_are_made_listed_and_revoked()
    {
        var tenant = await running.NewTenantAsync(services);
        using var cas = new CasProgram(tenant);

        var token = (await cas.RunAsync("token", "create", "pipe\u001b[31mline", "--role", "uploader", "--expires-in", "90d")).Expect(0).Text.Trim();
        var listed = (await cas.RunAsync("token", "ls")).Expect(0).Text;
        (await tenant.GetAsync("/v1/organization", token)).Expect(HttpStatusCode.OK);
        var id = (await tenant.GetAsync("/v1/tokens")).Json.GetProperty("tokens").EnumerateArray().Single(entry => entry.GetProperty("role").GetString() == "uploader").GetProperty("id").GetString()!;
        (await cas.RunAsync("token", "revoke", id)).Expect(0);

        Assert.Contains("uploader", listed, StringComparison.Ordinal);
        Assert.DoesNotContain(token, listed, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', listed);
        (await tenant.GetAsync("/v1/organization", token)).ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");
    }

    [Fact]
    public async Task Json_output_is_byte_for_byte_what_the_service_answers()
    {
        var tenant = await running.NewTenantAsync(services);
        using var cas = new CasProgram(tenant);

        foreach (var (command, path) in new[] { ("org show", "/v1/organization"), ("token ls", "/v1/tokens"), ("backend ls", "/v1/backends"), ("backend show --name inline", "/v1/backends/inline"), ("artifact ls", "/v1/artifacts"), ("status", "/v1/health") })
        {
            byte[] expected = [.. (await tenant.GetAsync(path)).Expect(HttpStatusCode.OK).Body, (byte)'\n'];
            Assert.Equal(expected, (await cas.RunAsync([.. command.Split(' '), "-o", "json"])).Expect(0).Output);
        }
    }

    [Fact]
    public async Task Shells_complete_commands_and_options()
    {
        using var cas = new CasProgram();

        var completed = (await cas.ShellAsync(
            """
            source <(cas completion bash)
            COMP_WORDS=(cas cas-backend add o) COMP_CWORD=3 COMP_LINE='cas cas-backend add o' COMP_POINT=21
            _cas
            echo "${COMPREPLY[@]}"
            """)).Expect(0);

        Assert.Equal("oci\n", completed.Text);
        foreach (var shell in (string[])["zsh", "fish", "powershell"])
        {
            Assert.Contains("suggest", (await cas.RunAsync("completion", shell)).Expect(0).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Every_command_has_help_with_an_example()
    {
        using var cas = new CasProgram();
        var commands = new Queue<string[]>([[]]);
        var seen = 0;
        while (commands.TryDequeue(out var command))
        {
            var help = (await cas.RunAsync([.. command, "--help"])).Expect(0).Text;
            var inner = help.Split("Commands:\n").ElementAtOrDefault(1)?.Split("\n\n")[0].Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];
            foreach (var line in inner)
            {
                commands.Enqueue([.. command, line.Trim().Split(' ', ',')[0]]);
            }

            Assert.True(inner.Length > 0 || help.Contains("Examples:\n  ", StringComparison.Ordinal), string.Join(' ', command));
            seen++;
        }

        Assert.True(seen > 30, $"{seen} commands");
    }
}
