using System.Text;
using System.Text.Json.Serialization;

namespace CasFunctions.Uploads;

/// <summary>A request for an upload session.</summary>
public sealed record NewUpload
{
    /// <summary>The content's digest.</summary>
    public required string Digest { get; init; }

    /// <summary>The content's size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>A file name for people.</summary>
    public string? Name { get; init; }

    /// <summary>The media type.</summary>
    public string? MediaType { get; init; }

    /// <summary>A backend's name; the default backend unless told.</summary>
    public string? Backend { get; init; }
}

/// <summary>An upload session as the API shows it.</summary>
public sealed record UploadDocument
{
    /// <summary>Where the content goes. Who knows it may send content of that digest and nothing else. Only told at creation.</summary>
    public string? UploadUrl { get; init; }

    /// <summary>The digest that the content must have.</summary>
    public required string Digest { get; init; }

    /// <summary>The size that it must have, in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The file name.</summary>
    public string? Name { get; init; }

    /// <summary>The media type.</summary>
    public string? MediaType { get; init; }

    /// <summary>The backend that it goes to.</summary>
    public required string Backend { get; init; }

    /// <summary>Why that one.</summary>
    public required string BackendReason { get; init; }

    /// <summary>How far it is: <c>open</c>, <c>committed</c> or <c>ended</c>.</summary>
    public required UploadDocumentStatus Status { get; init; }

    /// <summary>How many bytes of it appends have brought.</summary>
    public required long Offset { get; init; }

    /// <summary>From when on it can't be used.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Digest = ").Append(Digest);
        return true;
    }
}

/// <summary>What a client needs to know of a session's status.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UploadDocumentStatus>))]
public enum UploadDocumentStatus
{
    /// <summary>Send the content.</summary>
    [JsonStringEnumMemberName("open")]
    Open,

    /// <summary>The content is stored.</summary>
    [JsonStringEnumMemberName("committed")]
    Committed,

    /// <summary>Create another session.</summary>
    [JsonStringEnumMemberName("ended")]
    Ended,
}
