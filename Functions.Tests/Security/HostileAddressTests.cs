using System.Net;
using CasFunctions.Security;
using CasFunctions.Tests.Http.Parsers;
using CasFunctions.Tests.Services;
using CsCheck;
using Microsoft.Extensions.Options;

namespace CasFunctions.Tests.Security;

/// <summary>Addresses in any notation, and names that are meant to be taken for others.</summary>
public sealed class HostileAddressTests : IDisposable
{
    private static readonly Gen<byte[]> IPv4 = Gen.OneOf(
        Gen.Byte.Array[4],
        Gen.Select(
            Gen.OneOf<string>("127.0.0.0", "10.0.0.0", "192.168.0.0", "172.16.0.0", "169.254.169.0", "100.64.0.0", "168.63.129.0",
                "8.8.8.0"),
            Gen.Byte,
            (network, last) => (byte[])[.. IPAddress.Parse(network).GetAddressBytes().AsSpan(0, 3), last]));

    private readonly OutboundHandlerFactory _outbound = TestOutbound.Strict();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _outbound.Dispose();

    [Fact]
    public void Every_notation_of_an_address_is_judged_as_the_address() =>
        Gen.Select(IPv4, Gen.Int[0, 13], Gen.UInt).Sample((bytes, notation, random) =>
        {
            var (host, isPublic) = Write(bytes, notation, random);
            var refused = Refuses(new Uri($"https://{host}/"));
            Assert.True(refused != isPublic, $"{host} ({string.Join('.', bytes)}): refused {refused}");
        }, iter: HostileText.Cases);

    [Fact]
    public void No_text_makes_the_guard_fail_in_another_way_than_by_refusing() =>
        Gen.OneOf(
            HostileText.Near("https://store.example/a", "https://127.0.0.1/", "https://[::1%25eth0]:443/",
                "http://b\u00fccher.example:80/?q#f"),
            HostileText.From("https://", "http:", "//", "[", "::1", "]", "127.0.0.1", ".", "@", ":443", "\u3002", "xn--", "\u24db", "a",
                "%31"),
            HostileText.Any.Select(text => $"https://{text}/")).Sample(text =>
            {
                if (text.StartsWith("http", StringComparison.OrdinalIgnoreCase)
                    && Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var address))
                {
                    Refuses(address);
                }
            }, iter: HostileText.Cases);

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost.")]
    [InlineData("LOCALHOST")]
    [InlineData("any.localhost")]
    [InlineData("ip6-localhost")]
    [InlineData("\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3")]
    [InlineData("\uff4c\uff4f\uff43\uff41\uff4c\uff48\uff4f\uff53\uff54")]
    [InlineData("loc\u00adalhost")]
    [InlineData("loc\u200balhost")]
    [InlineData("127\u30020\u30020\u30021")]
    [InlineData("\uff11\uff12\uff17.0.0.1")]
    [InlineData("\uff11\uff12\uff17\uff0e\uff10\uff0e\uff10\uff0e\uff11")]
    [InlineData("\u2460\u2461\u2466.0.0.1")]
    [InlineData("\u0661\u0662\u0667.0.0.1")]
    [InlineData("127.0.0.1\u3002")]
    [InlineData("127.0.0.1.")]
    [InlineData("127.0.0.1..")]
    [InlineData("%31%32%37.0.0.1")]
    [InlineData("0x7f.0.0.1.")]
    [InlineData("2130706433.")]
    [InlineData("017700000001")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::1]")]
    public async Task Nothing_connects_to_this_machine_whatever_it_is_called(string host)
    {
        var requests = 0;
        await using var server = await LoopbackServer.StartAsync(null, _ =>
        {
            Interlocked.Increment(ref requests);
            return Task.CompletedTask;
        });
        if (!Uri.TryCreate($"http://{host}:{server.Address.Port}/", UriKind.Absolute, out var address))
        {
            return;
        }

        // Port and plain http are open to this very name, its network is not. Names are resolved by the system.
        using var outbound = new OutboundHandlerFactory(Options.Create(new OutboundOptions
        {
            AllowedPorts = [server.Address.Port],
            PlainHttpHosts = [address.Host, address.IdnHost, $"[{address.IdnHost}]"],
        }));
        using var client = new HttpClient(outbound.Handler, disposeHandler: false);

        var failure = await Record.ExceptionAsync(() => client.GetAsync(address, Cancellation));

        Assert.True(
            failure is OutboundRefusedException or HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError },
            $"{host}: {failure}");
        Assert.Equal(0, requests);
    }

    private bool Refuses(Uri address)
    {
        try
        {
            _outbound.CheckAddress(address);
            return false;
        }
        catch (OutboundRefusedException)
        {
            return true;
        }
    }

    private static (string Host, bool IsPublic) Write(byte[] bytes, int notation, uint random)
    {
        var number = (uint)((bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]);
        var hex = Convert.ToHexStringLower(bytes);
        var isPublic = PublicNetwork.Contains(new IPAddress(bytes));
        var dotted = string.Join('.', bytes);
        return notation switch
        {
            0 => (dotted, isPublic),
            1 => ($"{number}", isPublic),
            2 => ($"0x{number:x}", isPublic),
            3 => ("0" + Convert.ToString(number, 8), isPublic),
            4 => (string.Join('.', bytes.Select((part, i) => ((random >> i) & 3) switch
            {
                0 => $"0x{part:X}",
                1 => "0" + Convert.ToString(part, 8),
                _ => $"{part}",
            })), isPublic),
            5 => ($"{bytes[0]}.{number & 0xffffff}", isPublic),
            6 => ($"{bytes[0]}.{bytes[1]}.{number & 0xffff}", isPublic),
            7 => (dotted + ".", isPublic),
            8 => (dotted.Replace('.', '\u3002'), isPublic),
            9 => (dotted.Replace('.', '\uff0e'), isPublic),
            10 => ($"[::ffff:{dotted}]", isPublic),
            11 => ($"[64:ff9b::{hex[..4]}:{hex[4..]}]", isPublic),
            12 => ($"[2002:{hex[..4]}:{hex[4..]}::{random & 0xffff:x}]", false),
            _ => ($"[::{dotted}]", false),
        };
    }
}
