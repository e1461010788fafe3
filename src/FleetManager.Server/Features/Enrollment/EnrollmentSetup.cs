namespace FleetManager.Server.Features.Enrollment;

internal static class EnrollmentSetup
{
    public static void AddEnrollment(this IHostApplicationBuilder builder) => builder.Services.AddSingleton<EnrollmentService>();
}
