using System.Globalization;
using System.Net;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;

namespace CasFunctions.Tests.Soak.Actors;

/// <summary>Reads what was acknowledged, and what must not be there.</summary>
internal sealed class Reader(string name, SoakWorld world, int seed) : Actor(name, world, seed)
{
    protected override async Task StepAsync(CancellationToken stop)
    {
        if (Model.Choose(Random) is not { } artifact)
        {
            await PauseAsync(null, stop);
            return;
        }

        var organization = World.Organizations.Single(candidate => candidate.Name == artifact.Organization);
        var reply = await (Random.Next(100) switch
        {
            < 40 => ReadWholeAsync(organization, artifact.Content),
            < 55 => ReadRangeAsync(organization, artifact.Content),
            < 58 => BreakOffAsync(organization, artifact.Content),
            < 70 => DescribeAsync(organization, artifact.Content),
            < 75 => AskForHeaderAsync(organization, artifact.Content),
            < 80 => VerifyAsync(organization, artifact.Content),
            < 88 => TrespassAsync(artifact),
            < 92 => AskForWrongAsync(),
            < 98 => ListAsync(organization),
            _ => CallAsync("usage", organization, tenant => tenant.GetAsync("/v1/usage")),
        });
        if (IsUnavailable(reply))
        {
            await PauseAsync(reply, stop);
        }
    }

    private async Task<ApiReply?> ReadWholeAsync(SoakOrganization organization, SoakContent content)
    {
        var reply = await AskForAsync("get", organization, content, tenant => tenant.GetAsync(PathOf(content.Digest)));
        if (reply?.Status == HttpStatusCode.OK && Sha256Digest.Of(reply.Body) != content.Digest)
        {
            throw Violation($"{content.Digest} arrived complete with other bytes, {reply.Body.Length} of {content.Size}.");
        }

        return reply;
    }

    private async Task<ApiReply?> ReadRangeAsync(SoakOrganization organization, SoakContent content)
    {
        if (content.Size < 2)
        {
            return await ReadWholeAsync(organization, content);
        }

        var first = Random.Next(content.Size - 1);
        var last = Random.Next(first, Math.Min(content.Size - 1, first + 3_000_000));
        var alterations = World.Alterations;
        var field = string.Create(CultureInfo.InvariantCulture, $"bytes={first}-{last}");
        var reply = await AskForAsync(
            $"get {field}",
            organization,
            content,
            tenant => tenant.SendAsync(HttpMethod.Get, PathOf(content.Digest), tenant.OwnerToken, null, ("Range", field)));

        // A range is the client's to verify: what was altered at the store or on the way from it shows only there.
        var mayDiffer = alterations % 2 == 1 || World.Alterations != alterations || Model.HasFlips(organization.Name, content.Digest);
        if (reply?.Status == HttpStatusCode.PartialContent
            && !mayDiffer
            && !reply.Body.AsSpan().SequenceEqual(content.Bytes().AsSpan(first, last - first + 1)))
        {
            throw Violation($"{field} of {content.Digest} has other bytes.");
        }

        return reply;
    }

    private async Task<ApiReply?> BreakOffAsync(SoakOrganization organization, SoakContent content)
    {
        var instance = World.ChooseInstance(Random);
        Note($"get {Short(content.Digest)} @{instance.Number} and break off");
        try
        {
            using var answer = await organization.Tenant.At(instance.Address).OpenAsync(content.Digest);
            await using var body = await answer.Content.ReadAsStreamAsync(CancellationToken.None);
            _ = await body.ReadAtLeastAsync(new byte[Random.Next(1, 100_000)], 1, throwOnEndOfStream: false);
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException)
        {
            Note($"broken off: {lost.Message}");
        }

        return null;
    }

    private async Task<ApiReply?> DescribeAsync(SoakOrganization organization, SoakContent content)
    {
        var path = PathOf(content.Digest) + "/descriptor";
        var reply = await AskForAsync("descriptor", organization, content, tenant => tenant.GetAsync(path));
        if (reply?.Status == HttpStatusCode.OK)
        {
            Acknowledged(organization, content, reply);
        }

        return reply;
    }

    private async Task<ApiReply?> AskForHeaderAsync(SoakOrganization organization, SoakContent content)
    {
        var path = PathOf(content.Digest);
        var reply = await AskForAsync(
            "head", organization, content, tenant => tenant.SendAsync(HttpMethod.Head, path, tenant.OwnerToken, null));
        return reply?.Status == HttpStatusCode.OK && reply.Message.Content.Headers.ContentLength != content.Size
            ? throw Violation($"{content.Digest} is said to have {reply.Message.Content.Headers.ContentLength} bytes, not {content.Size}.")
            : reply;
    }

    private Task<ApiReply?> VerifyAsync(SoakOrganization organization, SoakContent content) =>
        AskForAsync("verify", organization, content, tenant => tenant.PostAsync(PathOf(content.Digest) + "/verification", new { }));

    /// <summary>Asks another organization for an artifact.</summary>
    private async Task<ApiReply?> TrespassAsync(KnownArtifact artifact)
    {
        var other = ChooseOrganization();
        var digest = artifact.Content.Digest;
        var path = PathOf(digest) + (Chance(50) ? "/descriptor" : "");
        var reply = await CallAsync($"trespass {Short(digest)}", other, tenant => tenant.GetAsync(path), mayBreak: true);
        var isHidden = reply is null || reply.Status is HttpStatusCode.NotFound or HttpStatusCode.ServiceUnavailable;
        if (!isHidden && !Model.IsPossible(other.Name, digest))
        {
            throw Violation($"{other.Name} was answered {(int)reply!.Status} for {digest}, which only {artifact.Organization} has.");
        }

        return reply;
    }

    /// <summary>Asks for a digest for which only wrong content was sent.</summary>
    private async Task<ApiReply?> AskForWrongAsync()
    {
        if (Model.Wrong is not { Count: > 0 } all)
        {
            return null;
        }

        var (name, digest) = all[Random.Next(all.Count)];
        var organization = World.Organizations.Single(candidate => candidate.Name == name);
        var reply = await CallAsync($"get wrong {Short(digest)}", organization, tenant => tenant.GetAsync(PathOf(digest)), mayBreak: true);
        var isHidden = reply is null || reply.Status is HttpStatusCode.NotFound or HttpStatusCode.ServiceUnavailable;
        return isHidden || Model.IsPossible(name, digest)
            ? reply
            : throw Violation($"{digest} was answered {(int)reply!.Status}, but only wrong content was ever sent for it.");
    }

    private async Task<ApiReply?> ListAsync(SoakOrganization organization)
    {
        var reply = await CallAsync("list", organization, tenant => tenant.GetAsync($"/v1/artifacts?limit={Random.Next(1, 100)}"));
        if (reply?.Status == HttpStatusCode.OK)
        {
            foreach (var line in reply.Json.GetProperty("artifacts").EnumerateArray())
            {
                var digest = line.GetProperty("digest").GetString();
                if (!Sha256Digest.TryParse(digest, out var listed) || !Model.IsPossible(organization.Name, listed))
                {
                    throw Violation($"{digest} is listed, but was never sent.");
                }
            }
        }

        return reply;
    }

    /// <summary>A call that must find the artifact, if it was acknowledged and its backend not purged.</summary>
    private async Task<ApiReply?> AskForAsync(
        string what, SoakOrganization organization, SoakContent content, Func<Tenant, Task<ApiReply>> call)
    {
        var wasCertain = Model.IsCertain(organization.Name, content.Digest);
        var reply = await CallAsync($"{what} {Short(content.Digest)} {content.Size}", organization, call, mayBreak: true);
        return reply?.Status == HttpStatusCode.NotFound && wasCertain && Model.IsCertain(organization.Name, content.Digest)
            ? throw Violation($"{content.Digest} was acknowledged, and is not there.")
            : reply;
    }

    private static string PathOf(Sha256Digest digest) => $"/v1/artifacts/{digest}";
}
