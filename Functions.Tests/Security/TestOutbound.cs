using System.Net;
using CasFunctions.Security;
using CasFunctions.Tests.Services;
using Microsoft.Extensions.Options;

namespace CasFunctions.Tests.Security;

/// <summary>Outbound handlers for tests, with the real guard.</summary>
public static class TestOutbound
{
    /// <summary>Allows nothing but public addresses.</summary>
    public static OutboundHandlerFactory Strict(params string[] answers) =>
        new(Options.Create(new OutboundOptions()), (_, _) => Task.FromResult(answers.Select(IPAddress.Parse).ToArray()));

    /// <summary>Allows one service on the loopback network; over plain http when its address says so.</summary>
    public static OutboundHandlerFactory Allowing(Uri service, TestCertificate? certificate = null, HostResolver? resolver = null) =>
        new(
            Options.Create(new OutboundOptions
            {
                AllowedNetworks = ["127.0.0.1/32"],
                AllowedPorts = [service.Port],
                PlainHttpHosts = string.Equals(service.Scheme, Uri.UriSchemeHttp, StringComparison.Ordinal) ? [service.Authority] : [],
                TrustedCertificates = certificate is null ? [] : [certificate.AuthorityFile],
            }),
            resolver);
}
