using System.Net;
using CasFunctions.Security;
using Microsoft.Extensions.Options;

namespace CasFunctions.Tests.Security;

/// <summary>What the guard lets through by the address alone, sent through a real client.</summary>
public sealed class OutboundAddressTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("0177.0.0.1")]
    [InlineData("017700000001")]
    [InlineData("127.1")]
    [InlineData("127.0.1")]
    [InlineData("0")]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("127.0.0.1.")]
    [InlineData("10.0.0.1")]
    [InlineData("10.255.255.255")]
    [InlineData("012.0.0.1")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.0.1")]
    [InlineData("3232235521")]
    [InlineData("100.64.0.1")]
    [InlineData("100.127.255.255")]
    [InlineData("169.254.169.254")]
    [InlineData("0xa9fea9fe")]
    [InlineData("169.254.0.1")]
    [InlineData("168.63.129.16")]
    [InlineData("192.0.0.8")]
    [InlineData("192.0.2.1")]
    [InlineData("192.88.99.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.19.255.255")]
    [InlineData("198.51.100.7")]
    [InlineData("203.0.113.7")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("[::]")]
    [InlineData("[::1]")]
    [InlineData("[0:0:0:0:0:0:0:1]")]
    [InlineData("[::127.0.0.1]")]
    [InlineData("[::8.8.8.8]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:7f00:1]")]
    [InlineData("[::ffff:10.0.0.1]")]
    [InlineData("[::ffff:169.254.169.254]")]
    [InlineData("[::ffff:0:127.0.0.1]")]
    [InlineData("[64:ff9b::127.0.0.1]")]
    [InlineData("[64:ff9b::a9fe:a9fe]")]
    [InlineData("[64:ff9b:1::10.0.0.1]")]
    [InlineData("[64:ff9b:1::8.8.8.8]")]
    [InlineData("[2002:7f00:1::]")]
    [InlineData("[2002:808:808::1]")]
    [InlineData("[2001::1]")]
    [InlineData("[2001:0:4136:e378:8000:63bf:80ff:fffe]")]
    [InlineData("[2001:2::1]")]
    [InlineData("[2001:db8::1]")]
    [InlineData("[3fff::1]")]
    [InlineData("[5f00::1]")]
    [InlineData("[100::1]")]
    [InlineData("[fc00::1]")]
    [InlineData("[fd00:ec2::254]")]
    [InlineData("[fe80::1]")]
    [InlineData("[fe80::1%25eth0]")]
    [InlineData("[fe80::1%251]")]
    [InlineData("[febf::1]")]
    [InlineData("[fec0::1]")]
    [InlineData("[ff02::1]")]
    [InlineData("0x7F.0x0.0x0.0x1")]
    [InlineData("0177.1")]
    [InlineData("0x7f.1")]
    [InlineData("2852039166")]
    [InlineData("0251.0376.0251.0376")]
    [InlineData("0xA9.0xFE.0xA9.0xFE")]
    [InlineData("169.16689662")]
    [InlineData("169.254.43518")]
    [InlineData("127\u30020\u30020\u30021")]
    [InlineData("169\uff0e254\uff0e169\uff0e254")]
    [InlineData("[0:0:0:0:0:ffff:127.0.0.1]")]
    [InlineData("[::ffff:a9fe:a9fe]")]
    [InlineData("[0000:0000:0000:0000:0000:0000:0000:0001]")]
    [InlineData("[2001:0:a9fe:a9fe::1]")]
    [InlineData("[2001:10::1]")]
    [InlineData("[2001:20::1]")]
    [InlineData("[fd20:ce::254]")]
    [InlineData("[fe80::a9fe:a9fe]")]
    [InlineData("[::1%251]")]
    [InlineData("192.0.0.192")]
    [InlineData("100.100.100.200")]
    [InlineData("169.254.170.23")]
    public async Task Addresses_that_are_not_public_are_refused_however_they_are_written(string host)
    {
        using var outbound = TestOutbound.Strict();
        using var client = new HttpClient(outbound.Handler, disposeHandler: false);
        var address = new Uri($"https://{host}/");

        var refused = await Assert.ThrowsAsync<OutboundRefusedException>(
            () => client.GetAsync(address, TestContext.Current.CancellationToken));

        Assert.Contains("is not public", refused.Message, StringComparison.Ordinal);
        Assert.Throws<OutboundRefusedException>(() => outbound.CheckAddress(address));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("169.254.169.254")]
    [InlineData("168.63.129.16")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("fe80::1%1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("2002:a00:1::1")]
    [InlineData("8.8.8.8", "127.0.0.1")]
    [InlineData("10.0.0.1", "8.8.8.8")]
    [InlineData("2606:4700::1111", "8.8.8.8", "fc00::1")]
    public async Task Names_with_any_address_that_is_not_public_are_refused(params string[] answers)
    {
        using var outbound = TestOutbound.Strict(answers);
        using var client = new HttpClient(outbound.Handler, disposeHandler: false);

        var refused = await Assert.ThrowsAsync<OutboundRefusedException>(
            () => client.GetAsync("https://store.example/secret?sig=abc", TestContext.Current.CancellationToken));

        Assert.Contains("store.example:443 is not public", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("abc", refused.Message, StringComparison.Ordinal);
        Assert.All(answers, answer => Assert.DoesNotContain(answer, refused.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://store.example/", "not encrypted")]
    [InlineData("http://8.8.8.8/", "not encrypted")]
    [InlineData("https://store.example:8443/", "port")]
    [InlineData("https://store.example:22/", "port")]
    [InlineData("https://8.8.8.8:80/", "port")]
    [InlineData("https://user:hunter2@store.example/", "user name")]
    [InlineData("https://store.example@127.0.0.1/", "user name")]
    public async Task Plain_http_other_ports_and_user_names_are_refused_before_any_look_up(string address, string reason)
    {
        using var outbound = new OutboundHandlerFactory(
            Options.Create(new OutboundOptions()), (_, _) => throw new InvalidOperationException("A name was looked up."));
        using var client = new HttpClient(outbound.Handler, disposeHandler: false);

        var refused = await Assert.ThrowsAsync<OutboundRefusedException>(
            () => client.GetAsync(address, TestContext.Current.CancellationToken));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refused.Message, StringComparison.Ordinal);
        Assert.Throws<OutboundRefusedException>(() => outbound.CheckAddress(new Uri(address)));
    }

    [Theory]
    [InlineData("ftp://store.example/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://store.example:443/")]
    [InlineData("/relative")]
    public void Settings_with_other_schemes_are_refused(string address)
    {
        using var outbound = TestOutbound.Strict();

        Assert.Throws<OutboundRefusedException>(() => outbound.CheckAddress(new Uri(address, UriKind.RelativeOrAbsolute)));
    }

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("8.8.8.8")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("169.253.255.255")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("198.17.255.255")]
    [InlineData("198.20.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("[2606:4700::1111]")]
    [InlineData("[2a01:111:f100::1]")]
    [InlineData("[::ffff:8.8.8.8]")]
    [InlineData("[64:ff9b::8.8.8.8]")]
    public void Public_addresses_pass(string host)
    {
        using var outbound = TestOutbound.Strict();

        outbound.CheckAddress(new Uri($"https://{host}/container?x=y"));

        Assert.True(PublicNetwork.Contains(PublicNetwork.Normalize(IPAddress.Parse(host))));
    }

    [Theory]
    [InlineData("0.0.0.0/0", "https://169.254.169.254/")]
    [InlineData("0.0.0.0/0", "https://168.63.129.16/")]
    [InlineData("169.254.0.0/16", "https://[::ffff:169.254.169.254]/")]
    [InlineData("fc00::/7", "https://[fd00:ec2::254]/")]
    [InlineData("64:ff9b::/96", "https://[64:ff9b::169.254.169.254]/")]
    [InlineData("64:ff9b:1::/48", "https://[64:ff9b:1::169.254.169.254]/")]
    [InlineData("2000::/3", "https://[2a01:4f8:1:64::169.254.169.254]/")]
    [InlineData("169.254.0.0/16", "https://169.254.170.2/")]
    [InlineData("169.254.0.0/16", "https://169.254.170.23/")]
    [InlineData("192.0.0.0/24", "https://192.0.0.192/")]
    [InlineData("fd00::/8", "https://[fd00:ec2::23]/")]
    [InlineData("fe80::/10", "https://[fe80::a9fe:a9fe%251]/")]
    public void Metadata_services_stay_closed_in_networks_that_the_operator_allows(string network, string address)
    {
        using var outbound = new OutboundHandlerFactory(Options.Create(new OutboundOptions { AllowedNetworks = [network] }));

        Assert.Throws<OutboundRefusedException>(() => outbound.CheckAddress(new Uri(address)));
    }

    [Fact]
    public void An_entry_for_plain_http_opens_its_own_port_only()
    {
        using var outbound = new OutboundHandlerFactory(
            Options.Create(new OutboundOptions { PlainHttpHosts = ["registry.example:5000", "mirror.example"] }));

        outbound.CheckAddress(new Uri("http://registry.example:5000/v2/"));
        outbound.CheckAddress(new Uri("http://MIRROR.example/v2/"));
        Assert.True(outbound.AllowsPlainHttp(new Uri("http://registry.example:5000/")));
        Assert.False(outbound.AllowsPlainHttp(new Uri("http://registry.example/")));
        Assert.Throws<OutboundRefusedException>(() => outbound.CheckAddress(new Uri("http://registry.example/v2/")));
        Assert.Throws<OutboundRefusedException>(() => outbound.CheckAddress(new Uri("https://registry.example:5000/v2/")));
        Assert.Throws<OutboundRefusedException>(() => outbound.CheckAddress(new Uri("http://mirror.example:8080/v2/")));
    }

    [Theory]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0")]
    [InlineData("internal")]
    public void Networks_that_cannot_be_read_stop_the_start(string network)
    {
        var options = Options.Create(new OutboundOptions { AllowedNetworks = [network] });

        var error = Assert.Throws<InvalidOperationException>(() => new OutboundHandlerFactory(options));

        Assert.Contains("Cas:Outbound:AllowedNetworks", error.Message, StringComparison.Ordinal);
    }
}
