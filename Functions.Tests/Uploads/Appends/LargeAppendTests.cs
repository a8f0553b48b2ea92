using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Azure.Data.Tables;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Uploads.Appends;

/// <summary>
/// A large content in appends, with the memory measured from outside on a process that does nothing else. In a short form; with
/// CAS_LONG_TESTS=1 with 10 GiB, or as many GiB as CAS_LARGE_GIB says.
/// </summary>
public sealed class LargeAppendTests(TestServices services)
{
    private const long MiB = 1024 * 1024;
    private const long AppendSize = 16 * MiB;
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("CAS_LONG_TESTS") == "1";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static long Size => IsLong
        ? 1024 * MiB * int.Parse(Environment.GetEnvironmentVariable("CAS_LARGE_GIB") ?? "10", CultureInfo.InvariantCulture)
        : 256 * MiB;

    [Theory]
    [InlineData("azure-blob")]
    [InlineData("aws-s3")]
    public async Task It_takes_little_memory_and_its_row_stays_small(string provider)
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("The peak of another process's memory is read from /proc.");
        }

        await using var ceph = provider == "aws-s3" ? await CephS3.StartAsync(CephObjectStore.Disk) : null;
        var backends = await TestBackends.StartAsync(services, provider, ceph);
        await using var service = await CasProcess.StartAsync(services, ports: backends.Ports);
        var tenant = await service.NewTenantAsync();
        await backends.AddAsync(tenant, provider);
        var content = GeneratedContent.Create(Size, chunked: true);
        var created = (await tenant.CreateIetfAsync(content.Digest, Size)).Expect(HttpStatusCode.Created);
        var upload = created.Message.Headers.Location!.ToString();
        var row = 0L;
        for (var offset = 0L; offset < Size; offset += AppendSize)
        {
            var isLast = offset + AppendSize == Size;
            using var body = content.Slice(offset, AppendSize);
            body.Headers.ContentType = new MediaTypeHeaderValue("application/partial-upload");
            var reply = await tenant.SendAsync(
                HttpMethod.Patch, upload, null, body, ("Upload-Offset", $"{offset}"), ("Upload-Complete", isLast ? "?1" : "?0"));
            reply.Expect(isLast ? HttpStatusCode.Created : HttpStatusCode.NoContent);
            row = Math.Max(row, offset + (2 * AppendSize) == Size ? await RowSizeAsync(service) : 0);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{provider}, {Size / MiB} MiB: peak {service.PeakMemory / MiB} MiB, row {row} bytes");
        Assert.InRange(service.PeakMemory, 0, 200 * MiB);
        Assert.InRange(row, 1, MiB);
        using var stored = await tenant.OpenAsync(content.Digest);
        await using var bytes = await stored.Content.ReadAsStreamAsync(Cancellation);
        Assert.Equal(content.Digest.Hex, Convert.ToHexStringLower(await SHA256.HashDataAsync(bytes, Cancellation)));
    }

    /// <summary>The size of the only session's row, as the table counts it: names and texts in UTF-16.</summary>
    private static async Task<long> RowSizeAsync(CasProcess service)
    {
        var row = await new TableClient(service.Azurite.ConnectionString, service.TablePrefix + "Sessions")
            .QueryAsync<TableEntity>(cancellationToken: Cancellation)
            .SingleAsync(Cancellation);
        return row.Sum(property => (2L * property.Key.Length) + property.Value switch
        {
            byte[] bytes => bytes.Length,
            string text => 2L * text.Length,
            _ => 8,
        });
    }
}
