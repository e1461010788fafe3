using System.Net.Mail;

namespace FleetManager.Server.Features.Accounts;

/// <summary>What an e-mail and a password must be.</summary>
internal static class Credentials
{
    public const int MinPasswordLength = 12;

    // Hashing is slow on purpose: without a ceiling a huge password is a cheap way to burn the server's time.
    private const int MaxPasswordLength = 200;
    private const int MaxEmailLength = 254;

    /// <summary>What is wrong, as a sentence; null when nothing is.</summary>
    public static string? EmailFault(string? email) =>
        string.IsNullOrWhiteSpace(email) || email.Length > MaxEmailLength || !MailAddress.TryCreate(email.Trim(), out var parsed) || parsed.Address != email.Trim()
            ? "Enter an e-mail address, such as ann@example.com."
            : null;

    /// <summary>What is wrong, as a sentence; null when nothing is.</summary>
    public static string? PasswordFault(string? password, string? repeated) =>
        password is null || password.Length < MinPasswordLength ? $"The password must have at least {MinPasswordLength} characters."
        : password.Length > MaxPasswordLength ? $"The password must have at most {MaxPasswordLength} characters."
        : password != repeated ? "The two passwords are not the same."
        : null;

    /// <summary>The form that is compared and unique.</summary>
    public static string KeyOf(string email) => email.Trim().ToLowerInvariant();
}
