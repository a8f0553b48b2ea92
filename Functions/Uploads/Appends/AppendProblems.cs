using CasFunctions.Http;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Uploads.Appends;

/// <summary>The problems of resumable uploads, with the types of draft-ietf-httpbis-resumable-upload.</summary>
internal static class AppendProblems
{
    private const string Types = "https://iana.org/assignments/http-problem-types#";

    /// <summary>Refuses an append that does not begin where the last one ended.</summary>
    public static void CheckOffset(UploadSession session, long offset)
    {
        if (offset == session.Offset)
        {
            return;
        }

        throw new ProblemException(
            StatusCodes.Status409Conflict,
            "offset-mismatch",
            "The offset is another",
            $"The upload is at offset {session.Offset}, not {offset}.")
        {
            Type = Types + "mismatching-upload-offset",
            Headers = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["Upload-Offset"] = StructuredFields.Write(session.Offset),
                ["Upload-Complete"] = StructuredFields.Write(false),
            },
            Members = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["expected-offset"] = StructuredFields.Write(session.Offset),
                ["provided-offset"] = StructuredFields.Write(offset),
            },
            Hint = "Go on from the offset in Upload-Offset.",
        };
    }

    /// <summary>The lengths that were declared contradict each other or the body.</summary>
    public static ProblemException InconsistentLength(long size, string detail) =>
        new(
            StatusCodes.Status400BadRequest,
            "inconsistent-length",
            "The lengths contradict each other",
            $"{detail} It was declared with {size} bytes.")
        {
            Type = Types + "inconsistent-upload-length",
            Hint = "Send exactly the bytes that were declared when the upload was created.",
        };

    /// <summary>An append to a content that is complete.</summary>
    public static ProblemException Completed(long size) =>
        new(StatusCodes.Status400BadRequest, "upload-completed", "The upload is complete", "The content is stored; nothing can be added.")
        {
            Type = Types + "completed-upload",
            Headers = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["Upload-Offset"] = StructuredFields.Write(size),
                ["Upload-Complete"] = StructuredFields.Write(true),
            },
        };

    /// <summary>The complete content does not have the digest that the session is bound to.</summary>
    public static ProblemException WrongDigest()
    {
        var problem = Problems.DigestMismatch();
        return new ProblemException(problem.Status, problem.Code, problem.Title, problem.Message)
        {
            Type = problem.Type,
            Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Upload-Complete"] = StructuredFields.Write(true) },
            Hint = "The session has ended. Hash the file again and begin anew with another session.",
        };
    }

    /// <summary>The body of an append does not have the digest in Content-Digest.</summary>
    public static ProblemException WrongBody() =>
        new(
            StatusCodes.Status400BadRequest,
            "digest-mismatch",
            "The body does not have its digest",
            "The body's SHA-256 differs from Content-Digest. It does not count.")
        {
            Type = Problems.DigestMismatch().Type,
            Hint = "Send the same bytes again.",
        };

    /// <summary>A client that sends nothing; what it had sent before counts.</summary>
    public static ProblemException Stalled() =>
        new(StatusCodes.Status408RequestTimeout, "stalled", "The client sends nothing", "No bytes arrived for too long.")
        {
            Hint = "What arrived counts: ask for the offset with HEAD and go on from there.",
        };
}
