using System.Net;
using System.Security.Cryptography;
using System.Text;
using Azure.Data.Tables;
using CasFunctions.Audit;
using CasFunctions.Digests;
using CasFunctions.Security;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Audit;

public sealed class AuditTests(TestServices services, RunningService running)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_done_to_organizations_and_tokens_is_told_at_once_with_who_did_it()
    {
        var tenant = await running.NewTenantAsync(services);
        var owner = "token:" + (await tenant.GetAsync("/v1/tokens")).Json.GetProperty("tokens")[0].GetProperty("id");
        var minted = (await tenant.PostAsync($"/v1/organizations/{tenant.Name}/tokens", new { }, RemoteService.RootKey)).Expect(HttpStatusCode.Created);
        var created = (await tenant.PostAsync("/v1/tokens", new { name = "for builds", role = "uploader", expiresInSeconds = 3600 })).Expect(HttpStatusCode.Created);
        (await tenant.PatchAsync("/v1/organization", new { owners = new[] { "new@example.com" } })).Expect(HttpStatusCode.OK);
        (await tenant.DeleteAsync("/v1/tokens/" + created["id"], minted["token"])).Expect(HttpStatusCode.NoContent);
        (await tenant.DeleteAsync("/v1/tokens/" + created["id"])).Expect(HttpStatusCode.NotFound);
        (await tenant.PostAsync("/v1/tokens", new { name = "", role = "owner" })).Expect(HttpStatusCode.BadRequest);

        var events = await tenant.ReadAuditAsync();

        (string, string, string)[] expected =
        [
            ("token:" + minted["id"], AuditActions.TokenRevoked, created["id"]!),
            (owner, AuditActions.OrganizationChanged, tenant.Name),
            (owner, AuditActions.TokenCreated, created["id"]!),
            ("operator", AuditActions.TokenCreated, minted["id"]!),
            ("operator", AuditActions.TokenCreated, owner["token:".Length..]),
            ("operator", AuditActions.OrganizationCreated, tenant.Name),
        ];
        Assert.Equal(expected, events.Where(IsNotOfBackends).Select(line => (line.Actor, line.Action, line.Subject)));
        var details = events.Single(line => line.Subject == created["id"] && line.Action == AuditActions.TokenCreated).Details!;
        Assert.Equal(("for builds", "uploader"), (details["name"], details["role"]));
        Assert.True(details.ContainsKey("expiresAt"));
        Assert.All(events, line => Assert.True((DateTimeOffset.Parse(created["createdAt"]!, null) - line.At).Duration() < TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task What_is_done_with_artifacts_is_told_within_moments()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var uploader = await NewTokenAsync(tenant, "uploader");
        var downloader = await NewTokenAsync(tenant, "downloader");
        var content = RandomNumberGenerator.GetBytes(1000);
        var digest = Sha256Digest.Of(content);
        var path = $"/v1/artifacts/{digest}";
        (await tenant.PutArtifactAsync(content, "a.json", uploader.Token)).Expect(HttpStatusCode.Created);
        (await tenant.PutArtifactAsync(content, "b.json")).Expect(HttpStatusCode.OK);
        (await tenant.CreateUploadAsync(digest, content.Length, token: uploader.Token)).Expect(HttpStatusCode.OK);
        (await tenant.PutArtifactAsync([.. content, 1], token: uploader.Token)).Expect(HttpStatusCode.Created);
        (await tenant.SendAsync(HttpMethod.Head, path, downloader.Token, null)).Expect(HttpStatusCode.OK);
        (await tenant.SendAsync(HttpMethod.Get, path, downloader.Token, null, ("If-None-Match", $"\"{digest}\""))).Expect(HttpStatusCode.NotModified);
        (await tenant.SendAsync(HttpMethod.Get, path, downloader.Token, null, ("Range", "bytes=5000-"))).Expect(HttpStatusCode.RequestedRangeNotSatisfiable);
        (await tenant.GetAsync(path + "/descriptor", downloader.Token)).Expect(HttpStatusCode.OK);
        (await tenant.GetAsync(path, uploader.Token)).Expect(HttpStatusCode.Forbidden);
        (await tenant.GetAsync(path, downloader.Token)).Expect(HttpStatusCode.OK);
        (await tenant.SendAsync(HttpMethod.Get, path, downloader.Token, null, ("Range", "bytes=10-19"))).Expect(HttpStatusCode.PartialContent);
        await tenant.Container.GetBlobClient((await tenant.BlobsAsync()).Single(name => name.Contains(digest.Hex, StringComparison.Ordinal))).DeleteAsync(cancellationToken: Cancellation);
        (await tenant.GetAsync(path, downloader.Token)).ExpectProblem(HttpStatusCode.BadGateway, "content-corrupt");

        var events = await tenant.ReadAuditWithAsync(AuditActions.ArtifactCorrupt, digest.ToString());

        var owner = events.Single(line => line.Action == AuditActions.TokenCreated && line.Subject == uploader.Id).Actor;
        (string, string, string, string?)[] expected =
        [
            (AuditEvent.System, AuditActions.ArtifactCorrupt, "1000", null),
            ("token:" + downloader.Id, AuditActions.ArtifactDownloaded, "10", null),
            ("token:" + downloader.Id, AuditActions.ArtifactDownloaded, "1000", null),
            ("token:" + uploader.Id, AuditActions.ArtifactDeduplicated, "1000", null),
            (owner, AuditActions.ArtifactDeduplicated, "1000", "b.json"),
            ("token:" + uploader.Id, AuditActions.ArtifactUploaded, "1000", "a.json"),
        ];
        var ofDigest = events.Where(line => line.Subject == digest.ToString()).ToList();
        Assert.Equal(expected, ofDigest.Select(line => (line.Actor, line.Action, line.Details!["bytes"], line.Details!.GetValueOrDefault("name"))));
        Assert.All(ofDigest, line => Assert.Equal("azure", line.Details!["backend"]));
        Assert.Equal("default", ofDigest[^1].Details!["reason"]);
    }

    [Fact]
    public async Task An_upload_through_a_session_is_its_creators_and_inline_content_in_a_descriptor_is_a_download()
    {
        var tenant = await running.NewTenantAsync(services);
        var uploader = await NewTokenAsync(tenant, "uploader");
        var viewer = await NewTokenAsync(tenant, "viewer");
        var downloader = await NewTokenAsync(tenant, "downloader");
        var content = RandomNumberGenerator.GetBytes(100);
        var digest = Sha256Digest.Of(content);
        var upload = (await tenant.CreateUploadAsync(digest, content.Length, "log.txt", uploader.Token)).Expect(HttpStatusCode.Created)["uploadUrl"]!;
        (await tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created);
        (await tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created);
        (await tenant.GetAsync($"/v1/artifacts/{digest}/descriptor", viewer.Token)).Expect(HttpStatusCode.OK);
        (await tenant.GetAsync($"/v1/artifacts/{digest}/descriptor", downloader.Token)).Expect(HttpStatusCode.OK);

        var events = await tenant.ReadAuditWithAsync(AuditActions.ArtifactDownloaded, digest.ToString());

        Assert.Equal(
            [("token:" + downloader.Id, AuditActions.ArtifactDownloaded), ("token:" + uploader.Id, AuditActions.ArtifactUploaded)],
            events.Where(line => line.Subject == digest.ToString()).Select(line => (line.Actor, line.Action)));
    }

    [Fact]
    public async Task An_action_can_be_picked_out_and_other_organizations_see_nothing_of_it()
    {
        var tenant = await running.NewTenantAsync(services);
        var other = await running.NewTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(100);
        (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);
        var digest = Sha256Digest.Of(content).ToString();
        await tenant.ReadAuditWithAsync(AuditActions.ArtifactUploaded, digest);

        Assert.Equal([digest], (await tenant.ReadAuditAsync(action: AuditActions.ArtifactUploaded)).Select(line => line.Subject));

        var others = await other.ReadAuditAsync();
        Assert.Equal(other.Name, others.Single(line => line.Action == AuditActions.OrganizationCreated).Subject);
        Assert.DoesNotContain(others, line => line.Subject == digest || line.Subject == tenant.Name);
        var cursor = (await tenant.GetAsync("/v1/audit?limit=1"))["next"];
        var stolen = (await other.GetAsync($"/v1/audit?after={cursor}")).Expect(HttpStatusCode.OK);
        Assert.DoesNotContain(tenant.Name, Encoding.UTF8.GetString(stolen.Body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("after=", "after")]
    [InlineData("after=x", "after")]
    [InlineData("after=%00", "after")]
    [InlineData("after=MjUzNDAyMzAwNzk5fg", "after")]
    [InlineData("after=NzkyNzM4ODR8MDAwMDAwMDAwMDAwMDAwMDAwMHwwMDAwMDAwMA0K", "after")]
    [InlineData("after=' or '1' eq '1", "after")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("action=", "action")]
    [InlineData("action=artifact", "action")]
    [InlineData("action=x' or Action ne '", "action")]
    public async Task A_wrong_parameter_is_refused(string query, string field)
    {
        var tenant = await running.NewTenantAsync(services);

        var refusal = (await tenant.GetAsync("/v1/audit?" + query)).ExpectProblem(HttpStatusCode.BadRequest, "invalid-request");

        Assert.Equal(field, refusal["field"]);
    }

    [Fact]
    public async Task No_row_holds_a_secret()
    {
        await using var service = await CasService.StartAsync(services);
        var tenant = await (await service.NewTenantAsync()).AddAzureAsync();
        var uploader = await NewTokenAsync(tenant, "uploader");
        var content = RandomNumberGenerator.GetBytes(1000);
        var upload = (await tenant.CreateUploadAsync(Sha256Digest.Of(content), content.Length, token: uploader.Token)).Expect(HttpStatusCode.Created)["uploadUrl"]!;
        (await tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created);
        (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of(content)}")).Expect(HttpStatusCode.OK);
        (await tenant.DeleteAsync("/v1/tokens/" + uploader.Id)).Expect(HttpStatusCode.NoContent);
        await tenant.ReadAuditWithAsync(AuditActions.ArtifactDownloaded, Sha256Digest.Of(content).ToString());

        var rows = await new TableClient(service.Azurite.ConnectionString, service.TablePrefix + "Audit")
            .QueryAsync<TableEntity>(cancellationToken: Cancellation)
            .Select(row => string.Join('\n', row.Select(property => $"{property.Key} {property.Value}")))
            .ToListAsync(Cancellation);

        Assert.Contains(rows, row => row.Contains(uploader.Id, StringComparison.Ordinal));
        string[] secrets =
        [
            "cas_", tenant.OwnerToken, uploader.Token, ApiToken.Hash(tenant.OwnerToken), ApiToken.Hash(uploader.Token),
            RemoteService.RootKey, Azurite.AccountKey, upload.Split('/')[^1],
        ];
        Assert.All(secrets, secret => Assert.DoesNotContain(rows, row => row.Contains(secret, StringComparison.Ordinal)));
    }

    private static bool IsNotOfBackends(AuditEntry line) => !line.Action.StartsWith("backend.", StringComparison.Ordinal);

    private static async Task<(string Id, string Token)> NewTokenAsync(Tenant tenant, string role)
    {
        var created = (await tenant.PostAsync("/v1/tokens", new { name = "test", role })).Expect(HttpStatusCode.Created);
        return (created["id"]!, created["token"]!);
    }
}
