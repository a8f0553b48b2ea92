using System.Net;
using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Uploads.Appends;

/// <summary>
/// Appends that go to two instances in turn while instances are killed. In a short form; with CAS_LONG_TESTS=1 with 1 GiB in appends of
/// 16 MiB and ten kills.
/// </summary>
public sealed class KilledInstanceTests(TestServices services)
{
    private const int MiB = 1024 * 1024;
    private const int AppendSize = 16 * MiB;
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("CAS_LONG_TESTS") == "1";
    private static readonly int Size = IsLong ? 1024 * MiB : 80 * MiB;
    private static readonly int Kills = IsLong ? 10 : 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_upload_over_two_instances_survives_their_deaths_and_sends_little_twice()
    {
        using var secrets = new TemporaryFolder();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["Cas:Secrets:LocalPath"] = secrets.FullPath };
        await using var one = await CasProcess.StartAsync(services, settings);
        await using var two = await CasProcess.StartAsync(services, settings, one.TablePrefix);
        CasProcess[] instances = [one, two];
        var tenant = await (await one.NewTenantAsync()).AddAzureAsync();
        var content = RandomNumberGenerator.GetBytes(Size);
        var upload = await tenant.NewIetfAsync(content);
        var appends = Size / AppendSize;
        var doomed = Enumerable.Range(0, appends).OrderBy(_ => RandomNumberGenerator.GetInt32(int.MaxValue)).Take(Kills).ToHashSet();
        var (offset, sent) = (0, 0L);
        for (var turn = 0; offset < Size; turn++)
        {
            var instance = instances[turn % 2];
            var body = content.AsMemory(offset, Math.Min(AppendSize, Size - offset));
            if (doomed.Remove(turn))
            {
                sent += await SendAndKillAsync(instance, tenant, upload, offset, body, offset + body.Length == Size);
                offset = (int)await tenant.At(instances[(turn + 1) % 2].Address).OffsetAsync(upload);
                await instance.StartAsync();
            }
            else
            {
                var reply = await tenant.At(instance.Address).AppendIetfAsync(upload, offset, body, offset + body.Length == Size);
                reply.Expect(offset + body.Length == Size ? HttpStatusCode.Created : HttpStatusCode.NoContent);
                sent += body.Length;
                offset += body.Length;
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{Size / MiB} MiB with {Kills} kills: {sent / MiB} MiB sent");
        Assert.InRange(sent, Size, Size + ((long)Kills * (AppendSize + AppendCalls.Part)));
        using var stored = await tenant.OpenAsync(Sha256Digest.Of(content));
        await using var body2 = await stored.Content.ReadAsStreamAsync(Cancellation);
        Assert.Equal(Sha256Digest.Of(content).Hex, Convert.ToHexStringLower(await SHA256.HashDataAsync(body2, Cancellation)));
    }

    /// <summary>Sends a part of an append, at the least its header and at the most all of it, and kills the instance.</summary>
    private static async Task<int> SendAndKillAsync(
        CasProcess instance, Tenant tenant, string upload, int offset, ReadOnlyMemory<byte> body, bool complete)
    {
        var sent = RandomNumberGenerator.GetInt32(0, body.Length + 1);
        await using var request = await RawRequest.OpenAsync(
            tenant.At(instance.Address).Address, "PATCH", upload, body.Length, Cancellation, "Content-Type: application/partial-upload", $"Upload-Offset: {offset}", $"Upload-Complete: ?{(complete ? 1 : 0)}");
        await request.SendAsync(body[..sent], Cancellation);
        await instance.KillAsync();
        return sent;
    }
}
