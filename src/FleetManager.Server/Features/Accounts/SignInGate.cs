namespace FleetManager.Server.Features.Accounts;

/// <summary>
/// Slows down guessing: so many attempts for one e-mail from one address, and so many from one address, in a window. A right password
/// clears the first count. Memory is bounded: past the capacity the oldest window is forgotten.
/// </summary>
internal sealed class SignInGate(TimeProvider time)
{
    public const int AttemptsPerEmail = 10;
    public const int AttemptsPerAddress = 100;
    private const int Capacity = 10_000;
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(15);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Window> _windows = [];

    /// <summary>Counts the attempt before the password is looked at, so that parallel guesses are counted too.</summary>
    public bool TryEnter(string emailKey, string address)
    {
        lock (_gate)
        {
            return Count("a:" + address, AttemptsPerAddress) & Count(EmailKey(emailKey, address), AttemptsPerEmail);
        }
    }

    public void Succeeded(string emailKey, string address)
    {
        lock (_gate)
        {
            _windows.Remove(EmailKey(emailKey, address));
        }
    }

    private static string EmailKey(string emailKey, string address) => $"e:{address}|{emailKey}";

    private bool Count(string key, int limit)
    {
        var now = time.GetTimestamp();
        if (!_windows.TryGetValue(key, out var window) || time.GetElapsedTime(window.Since, now) >= s_window)
        {
            if (_windows.Count >= Capacity)
            {
                _windows.Remove(_windows.MinBy(w => w.Value.Since).Key);
            }

            window = new Window(now, 0);
        }

        _windows[key] = window with { Attempts = window.Attempts + 1 };
        return window.Attempts < limit;
    }

    private readonly record struct Window(long Since, int Attempts);
}
