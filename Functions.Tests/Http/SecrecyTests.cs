using System.Net;
using System.Security.Cryptography;
using System.Text;
using Azure.Data.Tables;
using CasFunctions.Digests;
using CasFunctions.Links;
using CasFunctions.Organizations;
using CasFunctions.Providers;
using CasFunctions.Secrets;
using CasFunctions.Security;
using CasFunctions.Tests.Services;
using CasFunctions.Uploads;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CasFunctions.Tests.Http;

/// <summary>Tokens, session ids, credentials and the root key are kept and written nowhere in clear.</summary>
public sealed class SecrecyTests(TestServices services)
{
    private static readonly Dictionary<string, string> Verbose = new(StringComparer.Ordinal) { ["Logging:LogLevel:Default"] = "Trace" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Neither_tables_nor_files_nor_logs_hold_a_secret()
    {
        using var log = new LogCapture();
        await using var service = await CasService.StartAsync(services, settings: Verbose, configure: builder => builder.Services.AddSingleton<ILoggerProvider>(log));
        var tenant = await (await service.NewTenantAsync()).AddAzureAsync();
        var wrongKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));
        (await tenant.PostAsync("/v1/backends", new
        {
            name = "wrong",
            provider = "azure-blob",
            settings = new { container = "wrong" },
            credentials = new { connectionString = service.Azurite.ConnectionString.Replace(Azurite.AccountKey, wrongKey, StringComparison.Ordinal) },
        })).ExpectProblem(HttpStatusCode.UnprocessableEntity, "backend-check-failed");
        var uploader = await tenant.NewTokenAsync("uploader");
        var content = RandomNumberGenerator.GetBytes(1000);
        var upload = (await tenant.CreateUploadAsync(Sha256Digest.Of(content), content.Length, token: uploader)).Expect(HttpStatusCode.Created)["uploadUrl"]!;
        (await tenant.PutAsync(upload, new byte[1000])).Expect(HttpStatusCode.BadRequest);
        (await tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created);
        await RawRequest.SendPartAndCutAsync(tenant.Address, "PUT", upload, content.AsMemory(0, 10), 1000, Cancellation);
        var link = (await tenant.PostAsync($"/v1/artifacts/{Sha256Digest.Of(content)}/links", new { })).Expect(HttpStatusCode.Created)["url"]!;
        (await tenant.SendAsync(HttpMethod.Get, link, null, null)).Expect(HttpStatusCode.OK);
        string[] secrets = [tenant.OwnerToken, uploader, CasSettings.RootKey, Azurite.AccountKey, wrongKey, upload.Split('/')[^1], link.Split('/')[^1]];

        var rows = await ReadTablesAsync(service);
        var files = Directory.EnumerateFiles(service.Services.GetRequiredService<IOptions<SecretsOptions>>().Value.LocalPath!, "*", SearchOption.AllDirectories)
            .Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file)))
            .ToList();

        // What was looked through is what it is taken for.
        Assert.Contains(rows, row => row.Contains(ApiToken.Hash(uploader), StringComparison.Ordinal));
        Assert.Contains(rows, row => row.Contains(SessionStore.HashOf(upload.Split('/')[^1]), StringComparison.Ordinal));
        Assert.Contains(rows, row => row.Contains(DownloadLink.HashOf(link.Split('/')[^1]), StringComparison.Ordinal));
        Assert.NotEmpty(files);
        Assert.NotEmpty(log.Entries);
        foreach (var secret in secrets)
        {
            foreach (var form in new[] { secret, Uri.EscapeDataString(secret), Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)) })
            {
                Assert.DoesNotContain(rows.Concat(files).Concat(log.Entries), text => text.Contains(form, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task A_list_of_tokens_or_backends_tells_no_secret()
    {
        await using var service = await CasService.StartAsync(services);
        var tenant = await (await service.NewTenantAsync()).AddAzureAsync();
        var token = await tenant.NewTokenAsync("viewer");

        foreach (var path in new[] { "/v1/tokens", "/v1/backends", "/v1/backends/azure", "/v1/organization" })
        {
            var text = Encoding.UTF8.GetString((await tenant.GetAsync(path)).Expect(HttpStatusCode.OK).Body);
            Assert.DoesNotContain("cas_", text, StringComparison.Ordinal);
            Assert.DoesNotContain(ApiToken.Hash(token), text, StringComparison.Ordinal);
            Assert.DoesNotContain(Azurite.AccountKey, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Records_that_hold_a_secret_do_not_print_it()
    {
        const string Secret = "the-secret";
        object[] records =
        [
            new OrganizationDocument("acme", [], default, Secret),
            new TokenDocument { Id = "id", Name = "name", Role = Role.Owner, CreatedAt = default, CreatedBy = "me", Token = Secret },
            new LinkDocument("/v1/links/" + Secret, default),
            new BackendConfiguration("place", "{}", Secret),
            new BackendConnection("acme", "azure", "{}", Secret),
            new UploadDocument
            {
                UploadUrl = "/v1/uploads/" + Secret, Digest = "", Size = 1, Backend = "", BackendReason = "", Offset = 0, Status = UploadDocumentStatus.Open, ExpiresAt = default,
            },
        ];

        Assert.All(records, record => Assert.DoesNotContain(Secret, record.ToString(), StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<string>> ReadTablesAsync(CasService service)
    {
        var tables = new TableServiceClient(service.Azurite.ConnectionString);
        var rows = new List<string>();
        await foreach (var table in tables.QueryAsync(cancellationToken: Cancellation).Where(table => table.Name.StartsWith(service.TablePrefix, StringComparison.Ordinal)))
        {
            await foreach (var row in tables.GetTableClient(table.Name).QueryAsync<TableEntity>(cancellationToken: Cancellation))
            {
                rows.Add(string.Join('\n', row.Select(property => property.Value is byte[] bytes ? Encoding.Latin1.GetString(bytes) : $"{property.Value}")));
            }
        }

        return rows;
    }
}
